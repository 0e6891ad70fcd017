package dev.holdfast.lock.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.lock.test.EtcdServer;
import dev.holdfast.lock.test.TestCertificates;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Wrong usage, an etcd that is away, TLS and passwords. */
@Timeout(120)
class AccessProcessTests {

    @TempDir
    Path directory;

    private Program.Setting setting;

    @BeforeEach
    void set() {
        setting = new Program.Setting(directory);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "unknown",
                "run",
                "run job",
                "run job --",
                "run --unknown job -- true",
                "run --ttl 10x job -- true",
                "run --ttl 2s job -- true",
                "run -n 0 job -- true",
                "run --try --wait 5s job -- true",
                "run -- job true",
                "run --endpoints , job -- true",
                "run --timeout 999999999d job -- true",
                "run job before -- true",
                "run job -- no-such-program",
                "run --endpoints ftp://x job -- true",
                "run --user somebody job -- true",
                "run --cert here job -- true",
                "list --unknown",
                "list a b",
                "show",
                "show a b",
                "release",
                "release --revision x job",
                "elect",
                "elect --ttl 2s job",
                "elect --watch job value",
                "elect --watch --try job",
                "elect --watch --wait 5s job"
            })
    void wrongUsageIsOneHelpfulLine(String line) {
        String[] words = line.isEmpty() ? new String[0] : line.split(" ");
        try (Program run = setting.holdfast(words)) {
            assertThat(run.exitCode()).as("%s", run).isEqualTo(64);
            assertThat(run.out()).isEmpty();
            assertThat(run.err()).hasLineCount(1).startsWith("holdfast: ");
        }
    }

    @Test
    void anEtcdThatIsAwayIsToldInTime() throws IOException {
        try (ServerSocket silent = new ServerSocket(0, 50, java.net.InetAddress.getLoopbackAddress());
                Program refused = setting.holdfast(
                        "run", "--endpoints", "http://127.0.0.1:1", "--timeout", "1s", "job", "--", "echo", "ran");
                Program unanswered = setting.holdfast(
                        "run",
                        "--endpoints",
                        "http://127.0.0.1:" + silent.getLocalPort(),
                        "--timeout",
                        "1s",
                        "job",
                        "--",
                        "echo",
                        "ran")) {
            for (Program each : List.of(refused, unanswered)) {
                assertThat(each.exitCode()).as("%s", each).isEqualTo(69);
                assertThat(each.out()).isEmpty();
                assertThat(each.err()).hasLineCount(1).contains("127.0.0.1");
            }
        }
    }

    @Test
    void stackTracesComeOnlyWhenAskedFor() {
        try (Program verbose = setting.holdfast(
                "run", "--verbose", "--endpoints", "http://127.0.0.1:1", "--timeout", "1s", "job", "--", "true")) {
            assertThat(verbose.exitCode()).isEqualTo(69);
            assertThat(verbose.out()).isEmpty();
            assertThat(verbose.err()).contains("\tat dev.holdfast");
        }
    }

    @Test
    void optionsOfTheCommandAreNotOurs() {
        String[] line = "run --endpoints http://127.0.0.1:1 --timeout 1s job -- ls --verbose".split(" ");
        try (Program run = setting.holdfast(line)) {
            assertThat(run.exitCode()).isEqualTo(69);
            assertThat(run.err()).hasLineCount(1);
        }
    }

    @Test
    void whatOthersWroteIsToldInOneLine() {
        try (Program run =
                setting.holdfast("run", "--user", "some\nbody\u001b[2J\u009b2J\u202e", "job", "--", "true")) {
            assertThat(run.exitCode()).isEqualTo(64);
            assertThat(run.err()).hasLineCount(1).contains("user 'some?body?[2J?2J?' has no password");
        }
    }

    @Test
    void tlsFilesComeFromEtcdctlsVariablesOrOptions() throws Exception {
        TestCertificates files = TestCertificates.in(directory);
        Path olderKey = Files.writeString(
                directory.resolve("older.key"), PrivateKeysTests.olderForm(PrivateKeys.read(files.file("client.key"))));
        try (EtcdServer etcd = EtcdServer.builder()
                .tls(files.file("server.crt"), files.file("server.key"), files.file("ca.crt"))
                .start()) {
            String address = etcd.endpoint().replace("https://", "");
            Program.Setting variables = new Program.Setting(directory)
                    .with("ETCDCTL_ENDPOINTS", address)
                    .with("ETCDCTL_CACERT", files.file("ca.crt").toString())
                    .with("ETCDCTL_CERT", files.file("client.crt").toString())
                    .with("ETCDCTL_KEY", files.file("client.key").toString());
            try (Program ours = variables.holdfast("run", "job", "--", "echo", "ran");
                    Program etcdctl =
                            variables.start(Redirect.PIPE, List.of("etcdctl", "lock", "job", "echo", "ran"))) {
                assertThat(ours.exitCode()).as("%s", ours).isZero();
                assertThat(ours.out()).isEqualTo("ran\n");
                assertThat(etcdctl.exitCode()).as("%s", etcdctl).isZero();
            }
            try (Program options = setting.holdfast(
                            "run",
                            "--endpoints=" + etcd.endpoint(),
                            "--cacert=" + files.file("ca.crt"),
                            "--cert=" + files.file("client.crt"),
                            "--key=" + olderKey,
                            "job",
                            "--",
                            "echo",
                            "ran");
                    Program without = setting.holdfast(
                            "run", "--endpoints=" + etcd.endpoint(), "--timeout=3s", "job", "--", "echo", "ran")) {
                assertThat(options.exitCode()).as("%s", options).isZero();
                assertThat(without.exitCode()).as("%s", without).isEqualTo(69);
                assertThat(without.err()).hasLineCount(1);
            }
        }
    }

    @Test
    void theUserComesFromEtcdctlsVariableOrOptions() {
        try (EtcdServer etcd = EtcdServer.start()) {
            etcd.etcdctl("user", "add", "root:rootpw");
            etcd.etcdctl("user", "grant-role", "root", "root");
            etcd.etcdctl("role", "add", "locker");
            etcd.etcdctl("role", "grant-permission", "locker", "--prefix=true", "readwrite", "locks/");
            etcd.etcdctl("user", "add", "app:s3cret:x");
            etcd.etcdctl("user", "grant-role", "app", "locker");
            etcd.etcdctl("auth", "enable");
            Program.Setting variables = new Program.Setting(directory)
                    .with("ETCDCTL_ENDPOINTS", etcd.endpoint())
                    .with("ETCDCTL_USER", "app:s3cret:x");
            try (Program ours = variables.holdfast("run", "job", "--", "echo", "ran");
                    Program option = variables.holdfast(
                            "run", "--user", "app", "--password", "s3cret:x", "job", "--", "echo", "ran");
                    Program wrong = variables.holdfast("run", "--user", "app:wrong", "job", "--", "echo", "ran")) {
                assertThat(ours.exitCode()).as("%s", ours).isZero();
                assertThat(option.exitCode()).as("%s", option).isZero();
                try (Program oneOption = variables
                        .with("ETCDCTL_PASSWORD", "wrong")
                        .holdfast("run", "--user", "app:s3cret:x", "job", "--", "echo", "ran")) {
                    assertThat(oneOption.exitCode()).as("%s", oneOption).isZero();
                }
                assertThat(wrong.exitCode()).as("%s", wrong).isEqualTo(69);
                assertThat(wrong.err()).hasLineCount(1).contains("password").doesNotContain("wrong");
            }
        }
    }
}
