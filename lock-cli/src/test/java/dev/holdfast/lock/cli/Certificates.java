package dev.holdfast.lock.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;

/** A certificate authority for one test, by the JDK's keytool; files are PEM. */
record Certificates(Path directory) {

    private static final String PASSWORD = "changeit";

    /** What PKCS#8 has in front of the older form of an RSA key of usual length. */
    private static final int RSA_HEAD = 26;

    /** Makes {@code <name>.crt}, {@code <name>.key} and {@code <name>.pkcs1.key}, signed by {@code ca.crt}, for 127.0.0.1. */
    static Certificates in(Path directory) {
        Certificates made = new Certificates(directory);
        made.keytool("ca", "-genkeypair", "-keyalg", "RSA", "-dname", "CN=test CA", "-ext", "bc:c");
        made.write("ca.crt", made.keytool("ca", "-exportcert", "-rfc"));
        made.issue("server");
        made.issue("client");
        return made;
    }

    Path file(String name) {
        return directory.resolve(name);
    }

    private void issue(String name) {
        keytool(name, "-genkeypair", "-keyalg", "RSA", "-dname", "CN=" + name);
        write(name + ".csr", keytool(name, "-certreq"));
        write(
                name + ".crt",
                keytool(
                        "ca",
                        "-gencert",
                        "-rfc",
                        "-infile",
                        file(name + ".csr").toString(),
                        "-ext",
                        "san=ip:127.0.0.1,dns:localhost",
                        "-ext",
                        "eku=serverAuth,clientAuth"));
        try {
            KeyStore store = KeyStore.getInstance(file(name + ".p12").toFile(), PASSWORD.toCharArray());
            Key key = store.getKey(name, PASSWORD.toCharArray());
            String base64 = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(key.getEncoded());
            write(name + ".key", "-----BEGIN PRIVATE KEY-----\n" + base64 + "\n-----END PRIVATE KEY-----\n");
            byte[] inner = Arrays.copyOfRange(key.getEncoded(), RSA_HEAD, key.getEncoded().length);
            String older = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(inner);
            write(
                    name + ".pkcs1.key",
                    "-----BEGIN RSA PRIVATE KEY-----\n" + older + "\n-----END RSA PRIVATE KEY-----\n");
        } catch (GeneralSecurityException | IOException failed) {
            throw new IllegalStateException(failed);
        }
    }

    private String keytool(String alias, String command, String... more) {
        List<String> line = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                command,
                "-alias",
                alias,
                "-keystore",
                file(alias + ".p12").toString(),
                "-storetype",
                "PKCS12",
                "-storepass",
                PASSWORD));
        line.addAll(List.of(more));
        try {
            Process process = new ProcessBuilder(line).redirectErrorStream(true).start();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (process.waitFor() != 0) {
                throw new IllegalStateException(output);
            }
            // keytool mixes remarks into what it prints
            int pem = output.indexOf("-----BEGIN");
            return pem < 0 ? output : output.substring(pem);
        } catch (IOException | InterruptedException failed) {
            throw new IllegalStateException(failed);
        }
    }

    private void write(String name, String text) {
        try {
            Files.writeString(file(name), text);
        } catch (IOException failed) {
            throw new IllegalStateException(failed);
        }
    }
}
