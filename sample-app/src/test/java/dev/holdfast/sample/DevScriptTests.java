package dev.holdfast.sample;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code ./dev} where something is old, missing, taken or interrupted. Programs of the machine are played by small scripts. */
@Timeout(120)
class DevScriptTests {

    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    Path directory;

    private Path programs;
    private Path temporary;
    private Map<String, String> environment;
    private final List<Process> started = new ArrayList<>();

    @BeforeEach
    void prepare() throws IOException {
        programs = Files.createDirectory(directory.resolve("programs"));
        temporary = Files.createDirectory(directory.resolve("tmp"));
        environment = new HashMap<>(Map.of(
                "PATH", programs + ":" + System.getenv("PATH"),
                "TMPDIR", temporary.toString(),
                "HOME", directory.toString()));
    }

    @AfterEach
    void end() {
        started.forEach(process -> {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        });
    }

    @Test
    void anEtcdThatIsTooOldIsRefusedByItsVersion() throws Exception {
        program("etcd", "echo 'etcd Version: 3.3.25'");
        program("etcdctl", "exit 1");

        Ended dev = run("./dev", "etcd");

        assertThat(dev.code()).isEqualTo(1);
        assertThat(dev.output()).contains("etcd 3.3.25", "https://github.com/etcd-io/etcd/releases");
    }

    @Test
    void anEtcdThatEndsByItselfLeavesItsExitCodeAndNoData() throws Exception {
        program("etcd", "case $1 in --version) echo 'etcd Version: 3.4.0' ;; *) exit 3 ;; esac");
        program("etcdctl", "exit 1");

        Ended dev = run("./dev", "etcd");

        assertThat(dev.code()).as(dev.output()).isEqualTo(3);
        assertThat(temporary).isEmptyDirectory();
    }

    @Test
    void aSignalEndsEtcdAndItsDataWhateverVariablesAreMeantForAnother() throws Exception {
        int port = freePort();
        environment.put("HOLDFAST_ETCD_PORT", Integer.toString(port));
        environment.put("ETCD_NAME", "another");
        environment.put("ETCDCTL_ENDPOINTS", "http://127.0.0.1:1");
        Process dev = start("./dev", "etcd");
        await().atMost(PATIENCE).until(() -> listens(port) || !dev.isAlive());
        assertThat(dev.isAlive()).as(output()).isTrue();
        assertThat(temporary).isNotEmptyDirectory();

        dev.destroy();

        assertThat(dev.waitFor(PATIENCE.toSeconds(), SECONDS)).isTrue();
        assertThat(dev.exitValue()).as(output()).isEqualTo(143);
        assertThat(listens(port)).isFalse();
        assertThat(temporary).isEmptyDirectory();
    }

    @Test
    void variablesForAnotherEtcdGoNoFurtherAndOursDo() throws Exception {
        environment.putAll(Map.of(
                "ETCD_DATA_DIR", "a",
                "ETCDCTL_USER", "b",
                "ETCD_IMAGE", "c",
                "ETCD_UNSUPPORTED_ARCH", "d",
                "HOLDFAST_ETCD_PORT", "e"));

        String printed = lib("env | grep ETCD | sort").output();

        assertThat(printed.lines()).containsExactly("ETCD_IMAGE=c", "ETCD_UNSUPPORTED_ARCH=d", "HOLDFAST_ETCD_PORT=e");
    }

    @Test
    void servicesMayStartAgainAfterAnInterruptedInstallation() throws Exception {
        Path policy = directory.resolve("policy-rc.d");
        Path under = directory.resolve("under-way");
        Process installation = start(
                "bash",
                "-c",
                ". dev.d/lib.sh; as_root() { \"$@\"; }; services_policy=$0; without_services sh -c 'touch \"$0\"; exec sleep 100' \"$1\"",
                policy.toString(),
                under.toString());
        await().atMost(PATIENCE).until(() -> Files.exists(under));
        assertThat(policy).isExecutable();

        installation.descendants().forEach(ProcessHandle::destroy); // as Ctrl-C, which goes to all

        assertThat(installation.waitFor(PATIENCE.toSeconds(), SECONDS)).isTrue();
        assertThat(installation.exitValue()).as(output()).isEqualTo(143);
        assertThat(policy).doesNotExist();
    }

    @Test
    void aPolicyForServicesThatIsNotOursStays() throws Exception {
        Path policy = Files.writeString(directory.resolve("policy-rc.d"), "#!/bin/sh\nexit 0\n");

        Ended installation =
                lib("as_root() { \"$@\"; }; services_policy=" + policy + "; without_services sh -c 'exit 5'");

        assertThat(installation.code()).isEqualTo(5);
        assertThat(policy).hasContent("#!/bin/sh\nexit 0\n");
    }

    @Test
    void whatAKilledInstallationHasLeftGoesWithTheNext() throws Exception {
        Path policy = directory.resolve("policy-rc.d");
        lib("as_root() { \"$@\"; }; services_policy=" + policy + "; without_services sh -c 'kill -KILL $PPID'");
        assertThat(policy).exists();

        Ended next = lib("as_root() { \"$@\"; }; services_policy=" + policy + "; without_services true");

        assertThat(next.code()).as(next.output()).isZero();
        assertThat(policy).doesNotExist();
    }

    @Test
    void aMissingHomeIsLookedUp() throws Exception {
        environment.remove("HOME");

        assertThat(lib("printenv HOME").output().strip()).isEqualTo(System.getProperty("user.home"));

        program("getent", "exit 2");
        Ended nowhere = run("./dev", "help");
        assertThat(nowhere.code()).isEqualTo(1);
        assertThat(nowhere.output()).contains("HOME is not set").doesNotContain("unbound");
    }

    @Test
    void theBrowserIsOneThatRunsAndThatTheDriverDrives() throws Exception {
        program("chromedriver", "echo 'ChromeDriver 140.0.7339.1 (abc)'");
        program("chromium", "echo 'Chromium 139.0.1 built on Debian'");
        program("chromium-browser", "echo 'requires the chromium snap to be installed' >&2; exit 1");
        program("google-chrome", "echo 'Google Chrome 140.0.7339.80'");

        assertThat(lib("browser").output().strip())
                .isEqualTo(programs.resolve("google-chrome").toString());

        program("google-chrome", "exit 1");
        assertThat(lib("browser").code()).isEqualTo(1);
    }

    @Test
    void aDockerEngineThatAnswersRootOnlyIsNamedAsSuch() throws Exception {
        program("id", "case $1 in -u) echo 1000 ;; -un) echo ann ;; esac");
        program("docker", "[ \"$BY_ROOT\" = yes ]");
        program("sudo", "BY_ROOT=yes exec \"$@\"");

        Ended engine = run("dev.d/docker-engine");

        assertThat(engine.code()).isEqualTo(1);
        assertThat(engine.output()).contains("usermod -aG docker ann");
    }

    /** Lines of a shell that has read what the scripts share. */
    private Ended lib(String lines) throws Exception {
        return run("bash", "-c", "set -euo pipefail; . dev.d/lib.sh; " + lines);
    }

    private record Ended(int code, String output) {}

    private Ended run(String... command) throws Exception {
        Process process = start(command);
        assertThat(process.waitFor(PATIENCE.toSeconds(), SECONDS)).as(output()).isTrue();
        return new Ended(process.exitValue(), output());
    }

    private Process start(String... command) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(ROOT.toFile())
                .redirectErrorStream(true)
                .redirectInput(Path.of("/dev/null").toFile())
                .redirectOutput(directory.resolve("output").toFile());
        builder.environment().clear();
        builder.environment().putAll(environment);
        Process process = builder.start();
        started.add(process);
        return process;
    }

    private String output() throws IOException {
        return Files.readString(directory.resolve("output"));
    }

    private void program(String name, String lines) throws IOException {
        Path file = Files.writeString(programs.resolve(name), "#!/bin/sh\n" + lines + "\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private static int freePort() throws IOException {
        try (ServerSocket any = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return any.getLocalPort();
        }
    }

    private static boolean listens(int port) {
        try (Socket connected = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return connected.isConnected();
        } catch (IOException refused) {
            return false;
        }
    }
}
