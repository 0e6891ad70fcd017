package dev.holdfast.lock.cli;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads a key as {@code etcdctl} does: PKCS#8, and the older forms of RSA and EC that {@code openssl} and {@code cfssl} write and Java does
 * not read, by putting around them what PKCS#8 has around them.
 */
final class PrivateKeys {

    private static final Pattern PEM =
            Pattern.compile("-----BEGIN (RSA |EC )?PRIVATE KEY-----([^-]+)-----END (?:RSA |EC )?PRIVATE KEY-----");

    private static final byte[] VERSION_0 = {2, 1, 0};

    /** 1.2.840.113549.1.1.1 and no parameters. */
    private static final byte[] RSA = {6, 9, 0x2a, (byte) 0x86, 0x48, (byte) 0x86, (byte) 0xf7, 0x0d, 1, 1, 1, 5, 0};

    /** 1.2.840.10045.2.1; the curve follows. */
    private static final byte[] EC = {6, 7, 0x2a, (byte) 0x86, 0x48, (byte) 0xce, 0x3d, 2, 1};

    private static final int SEQUENCE = 0x30;
    private static final int OCTETS = 4;
    private static final int CURVE = 0xa0;

    private PrivateKeys() {}

    static PrivateKey read(Path file) throws IOException, GeneralSecurityException {
        Matcher pem = PEM.matcher(Files.readString(file));
        if (!pem.find()) {
            throw new InvalidKeyException("no unencrypted private key in PEM is in " + file);
        }
        byte[] der = Base64.getMimeDecoder().decode(pem.group(2));
        String form = pem.group(1);
        if (form == null) {
            return anyOf(der);
        }
        boolean rsa = form.startsWith("RSA");
        byte[] algorithm = rsa ? RSA : join(EC, curve(der));
        byte[] pkcs8 = element(SEQUENCE, join(VERSION_0, element(SEQUENCE, algorithm), element(OCTETS, der)));
        return KeyFactory.getInstance(rsa ? "RSA" : "EC").generatePrivate(new PKCS8EncodedKeySpec(pkcs8));
    }

    private static PrivateKey anyOf(byte[] pkcs8) throws GeneralSecurityException {
        GeneralSecurityException last = new InvalidKeyException("unknown kind of private key");
        for (String algorithm : new String[] {"RSA", "EC", "Ed25519"}) {
            try {
                return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(pkcs8));
            } catch (GeneralSecurityException another) {
                last = another;
            }
        }
        throw last;
    }

    /** Inside the sequence: version, the key itself, and tagged with 0 the curve. */
    private static byte[] curve(byte[] der) throws InvalidKeyException {
        int at = contentAt(der, 0);
        while (at < der.length) {
            int content = contentAt(der, at);
            int end = content + length(der, at);
            if ((der[at] & 0xff) == CURVE) {
                return java.util.Arrays.copyOfRange(der, content, end);
            }
            at = end;
        }
        throw new InvalidKeyException("the EC key does not name its curve");
    }

    private static int contentAt(byte[] der, int at) {
        int first = der[at + 1] & 0xff;
        return at + 2 + (first < 0x80 ? 0 : first & 0x7f);
    }

    private static int length(byte[] der, int at) {
        int first = der[at + 1] & 0xff;
        if (first < 0x80) {
            return first;
        }
        int length = 0;
        for (int i = 0; i < (first & 0x7f); i++) {
            length = length << 8 | der[at + 2 + i] & 0xff;
        }
        return length;
    }

    private static byte[] element(int tag, byte[] content) {
        int length = content.length;
        byte[] head;
        if (length < 0x80) {
            head = new byte[] {(byte) tag, (byte) length};
        } else if (length < 0x100) {
            head = new byte[] {(byte) tag, (byte) 0x81, (byte) length};
        } else {
            head = new byte[] {(byte) tag, (byte) 0x82, (byte) (length >> 8), (byte) length};
        }
        return join(head, content);
    }

    private static byte[] join(byte[]... parts) {
        ByteArrayOutputStream joined = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            joined.writeBytes(part);
        }
        return joined.toByteArray();
    }
}
