package dev.holdfast.lock.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.nio.file.Files;
import java.nio.file.Path;
import java.security.InvalidKeyException;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.spec.ECGenParameterSpec;
import java.util.Arrays;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PrivateKeysTests {

    /** Made by {@code openssl ecparam -name prime256v1 -genkey -noout}; protects nothing. */
    private static final String EC_SEC1 =
            "MHcCAQEEIIKn/y3H2l7eQQcvltL6dkqZNX79UAb7WMmXHytIknZpoAoGCCqGSM49AwEHoUQDQgAE8R0dY5Z12Y2cCe/7FvBp77BlBp4Ba7MKLh303sIqBqLoiMnBBc6ryJJCYKmwLT+BfY/+5FCE9+0myLAcH30ziA==";

    @TempDir
    Path directory;

    @Test
    void keysInPkcs8AreRead() throws Exception {
        for (String algorithm : new String[] {"RSA", "EC", "Ed25519"}) {
            PrivateKey key =
                    KeyPairGenerator.getInstance(algorithm).generateKeyPair().getPrivate();
            assertThat(PrivateKeys.read(file("PRIVATE KEY", key.getEncoded()))).isEqualTo(key);
        }
    }

    @Test
    void theOlderFormOfAnRsaKeyIsRead() throws Exception {
        PrivateKey key = KeyPairGenerator.getInstance("RSA").generateKeyPair().getPrivate();
        Path file = Files.writeString(directory.resolve("older.pem"), olderForm(key));
        assertThat(PrivateKeys.read(file)).isEqualTo(key);
    }

    @Test
    void theOlderFormOfAnEcKeyIsRead() throws Exception {
        PrivateKey key =
                PrivateKeys.read(file("EC PRIVATE KEY", Base64.getDecoder().decode(EC_SEC1)));
        assertThat(key.getAlgorithm()).isEqualTo("EC");
        KeyPairGenerator sameCurve = KeyPairGenerator.getInstance("EC");
        sameCurve.initialize(new ECGenParameterSpec("secp256r1"));
        java.security.interfaces.ECPrivateKey fresh = (java.security.interfaces.ECPrivateKey)
                sameCurve.generateKeyPair().getPrivate();
        assertThat(((java.security.interfaces.ECPrivateKey) key).getParams().getOrder())
                .isEqualTo(fresh.getParams().getOrder());
    }

    @Test
    void whatIsNoKeyIsNamed() throws Exception {
        Path file = Files.writeString(directory.resolve("nothing.pem"), "hello");
        assertThatExceptionOfType(InvalidKeyException.class)
                .isThrownBy(() -> PrivateKeys.read(file))
                .withMessageContaining("nothing.pem");
    }

    /** PKCS#1, in PEM, which PKCS#8 puts behind a head of 26 bytes if the key has a usual length. */
    static String olderForm(PrivateKey rsa) {
        byte[] pkcs8 = rsa.getEncoded();
        return pem("RSA PRIVATE KEY", Arrays.copyOfRange(pkcs8, 26, pkcs8.length));
    }

    private Path file(String type, byte[] der) throws Exception {
        return Files.writeString(Files.createTempFile(directory, "key", ".pem"), pem(type, der));
    }

    private static String pem(String type, byte[] der) {
        return "-----BEGIN " + type + "-----\n" + Base64.getMimeEncoder().encodeToString(der) + "\n-----END " + type
                + "-----\n";
    }
}
