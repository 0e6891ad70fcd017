package dev.holdfast.lock.test;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/**
 * A certificate authority for one test and what it has signed, as PEM files in a directory; by the JDK's keytool. For
 * {@link EtcdServer.Builder#tls}. They protect nothing: the password of the key stores beside them is known.
 *
 * @param directory where the files are
 */
public record TestCertificates(Path directory) {

    private static final String PASSWORD = "changeit";

    /** Makes {@code ca.crt}, and signed by it, for 127.0.0.1 and localhost, {@code server} and {@code client} as {@link #issue} does. */
    public static TestCertificates in(Path directory) {
        TestCertificates made = new TestCertificates(directory);
        made.keytool("ca", "-genkeypair", "-keyalg", "RSA", "-dname", "CN=test CA", "-ext", "bc:c");
        made.write("ca.crt", made.keytool("ca", "-exportcert", "-rfc"));
        made.issue("server");
        made.issue("client");
        return made;
    }

    /** The file of that name. */
    public Path file(String name) {
        return directory.resolve(name);
    }

    /** Makes {@code <name>.crt} and its key {@code <name>.key} (PKCS#8), with that common name. */
    public void issue(String name) {
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
