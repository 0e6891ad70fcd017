package dev.holdfast.lock.etcd;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.lock.LockRegistry;
import dev.holdfast.lock.test.EtcdServer;
import dev.holdfast.lock.test.EtcdVersions;
import dev.holdfast.lock.test.EtcdVersions.EtcdVersion;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What an application that starts on an old etcd finds in its log. It is told once in a JVM, so each look starts one. */
@Tag("versions")
class VersionWarningTests {

    @Test
    void aVersionThatRevokesLiveLeasesIsWarnedAboutWithTheReason() throws Exception {
        EtcdVersion old = EtcdVersions.old();

        assertThat(logOfAStartOn(old).lines().filter(line -> line.contains("WARN")))
                .singleElement()
                .asString()
                .contains("etcd " + old + " can revoke a lease that is being renewed")
                .contains("fixed in 3.4.31 and 3.5.13")
                .contains("held twice")
                .contains("Fencing tokens still protect")
                .contains("upgrade");
    }

    @Test
    void otherVersionsAreNotWarnedAbout() throws Exception {
        assertThat(logOfAStartOn(EtcdVersions.withoutTokensForRenewals()))
                .contains("started")
                .doesNotContain("WARN");
        assertThat(logOfAStartOn(EtcdVersions.current())).contains("started").doesNotContain("WARN");
    }

    private static String logOfAStartOn(EtcdVersion version) throws IOException, InterruptedException {
        try (EtcdServer etcd = version.server().start()) {
            Process application = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-cp",
                            System.getProperty("java.class.path"),
                            Application.class.getName(),
                            etcd.endpoint())
                    .redirectErrorStream(true)
                    .start();
            String log = new String(application.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(application.waitFor()).as(log).isZero();
            return log;
        }
    }

    /** Starts on the etcd at the given endpoint, and ends. */
    static final class Application {

        private Application() {}

        public static void main(String[] endpoint) {
            try (LockRegistry locks =
                    EtcdLockRegistry.builder().endpoints(List.of(endpoint)).build()) {
                System.out.println("started with " + locks);
            }
        }
    }
}
