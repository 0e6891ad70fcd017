package dev.holdfast.sample.tutorial;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.lock.test.EtcdServer;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Does what docs/tutorial.md tells its readers to do, in one shell, and looks whether they see what it says. Other than theirs are the ports, the address of
 * etcd, and the repository with Holdfast's artifacts.
 */
@Timeout(value = 480, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class TutorialTests {

    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
    private static final Path PAGE = ROOT.resolve("docs/tutorial.md");

    /** With a blank in it, as home directories may have. */
    private static final Path DIRECTORY = Path.of("target/the tutorial").toAbsolutePath();

    private static final Path PROJECT = DIRECTORY.resolve("shop");
    private static final Path OUTPUT = DIRECTORY.resolve("output.txt");
    private static final String BLOCK = "=== block ";

    @Test
    void itsReadersSeeWhatItSays() throws Exception {
        prepare();
        List<Step> steps = TutorialPage.read(PAGE);
        assertThat(steps).hasSizeGreaterThan(12);
        int ended;
        try (EtcdServer etcd = EtcdServer.start()) {
            ended = follow(script(steps), etcd);
        }
        List<String> outputs = outputs();

        assertThat(ended).as("%s ended with", tail()).isZero();
        for (int i = 0; i < steps.size(); i++) {
            if (steps.get(i) instanceof Step.Run run) {
                assertPrints(run, outputs.get(i));
            }
        }
    }

    private static void assertPrints(Step.Run run, String output) {
        if (run.varies()) {
            assertThat(output.strip()).as(run.commands()).matches("\\d+ bought");
            assertThat(Integer.parseInt(output.replaceAll("\\D", "")))
                    .as("more than the ten there were: the race of the page is one")
                    .isGreaterThan(10);
        } else if (!run.output().isEmpty()) {
            assertThat(output.lines()).as(run.commands()).containsExactlyElementsOf(run.output());
        }
    }

    /** An empty directory with the wrapper, as the Initializr gives one, and a repository with what this build has made. */
    private static void prepare() throws IOException {
        deleteAll(PROJECT);
        Files.createDirectories(PROJECT.resolve(".mvn/wrapper"));
        for (String file : List.of("mvnw", ".mvn/wrapper/maven-wrapper.properties")) {
            Files.copy(ROOT.resolve(file), PROJECT.resolve(file), java.nio.file.StandardCopyOption.COPY_ATTRIBUTES);
        }
        // One argument a line, other than MAVEN_ARGS, which would end at a blank in a path.
        Files.write(PROJECT.resolve(".mvn/maven.config"), mavenArguments());
        BuiltArtifacts.install(ROOT, DIRECTORY.resolve("repository"));
    }

    private static String script(List<Step> steps) throws IOException {
        List<String> lines = new ArrayList<>(List.of("set -e", "trap 'kill $(jobs -p) 2>/dev/null' EXIT"));
        int[] ports = freePorts();
        for (int i = 0; i < steps.size(); i++) {
            lines.add("echo '" + BLOCK + i + "'");
            lines.add(commands(steps.get(i), i)
                    .replace("8081", Integer.toString(ports[0]))
                    .replace("8082", Integer.toString(ports[1])));
        }
        return String.join("\n", lines) + "\n";
    }

    private static String commands(Step step, int number) throws IOException {
        Path block = DIRECTORY.resolve("block-" + number);
        if (step instanceof Step.Write write) {
            Files.writeString(block, write.text());
            return "mkdir -p \"$(dirname '%1$s')\" && cp '%2$s' '%1$s'".formatted(write.file(), block);
        }
        if (step instanceof Step.Insert insert) {
            Files.writeString(block, insert.text());
            return insert(insert, block);
        }
        return ((Step.Run) step).commands();
    }

    private static String insert(Step.Insert insert, Path block) {
        return """
               anchor=$(grep -nF -m 1 -- '%s' '%s' | cut -d: -f1)
               sed -i "$((anchor %s))r %s" '%s'
               """.formatted(insert.anchor(), insert.file(), insert.after() ? "" : "- 1", block, insert.file());
    }

    private static int follow(String script, EtcdServer etcd) throws IOException, InterruptedException {
        Path file = Files.writeString(DIRECTORY.resolve("script.sh"), script);
        ProcessBuilder shell = new ProcessBuilder("bash", file.toString())
                .directory(PROJECT.toFile())
                .redirectOutput(OUTPUT.toFile())
                .redirectError(DIRECTORY.resolve("errors.txt").toFile());
        String java = System.getProperty("java.home");
        Map<String, String> environment = shell.environment();
        environment.keySet().removeIf(name -> name.startsWith("ETCD"));
        environment.put("JAVA_HOME", java);
        environment.put("PATH", java + "/bin:" + environment.get("PATH"));
        environment.put("HOLDFAST_ETCD_ENDPOINTS", etcd.endpoint());
        environment.put("ETCDCTL_ENDPOINTS", etcd.endpoint());
        environment.put("ETCDCTL_API", "3");
        environment.keySet().removeAll(Set.of("MAVEN_ARGS", "MAVEN_OPTS"));
        // A machine that is busy with other tests: compile less, and give etcd more time at the start.
        environment.put("JAVA_TOOL_OPTIONS", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC");
        environment.put("HOLDFAST_ETCD_REQUEST_TIMEOUT", "10s");
        Process process = shell.start();
        try {
            return process.waitFor(450, TimeUnit.SECONDS) ? process.exitValue() : -1;
        } finally {
            // What is left after a timeout; otherwise the trap has ended what ran in the background.
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroy();
        }
    }

    /** What is not in the repository of this build yet is downloaded to that of the tutorial. */
    private static List<String> mavenArguments() {
        String ofThisBuild =
                System.getProperty("maven.repo.local", System.getProperty("user.home") + "/.m2/repository");
        return List.of(
                "-ntp",
                "-Dmaven.repo.local=" + DIRECTORY.resolve("repository"),
                "-Dmaven.repo.local.tail=" + ofThisBuild);
    }

    private static List<String> outputs() throws IOException {
        return Arrays.stream(Files.readString(OUTPUT).split(BLOCK + "\\d+\n"))
                .skip(1)
                .toList();
    }

    private static String tail() throws IOException {
        try (Stream<Path> logs = Stream.of(
                OUTPUT,
                DIRECTORY.resolve("errors.txt"),
                PROJECT.resolve("shop-1.log"),
                PROJECT.resolve("shop-2.log"))) {
            return logs.filter(Files::exists).map(TutorialTests::lastLines).collect(joining("\n"));
        }
    }

    private static String lastLines(Path log) {
        try {
            List<String> lines = Files.readAllLines(log);
            return log.getFileName() + ":\n"
                    + String.join("\n", lines.subList(Math.max(0, lines.size() - 25), lines.size()));
        } catch (IOException unreadable) {
            return log + ": " + unreadable;
        }
    }

    private static int[] freePorts() throws IOException {
        try (ServerSocket first = new ServerSocket(0);
                ServerSocket second = new ServerSocket(0)) {
            return new int[] {first.getLocalPort(), second.getLocalPort()};
        }
    }

    private static void deleteAll(Path directory) throws IOException {
        if (Files.exists(directory)) {
            try (Stream<Path> contents = Files.walk(directory)) {
                for (Path content :
                        contents.sorted(java.util.Comparator.reverseOrder()).toList()) {
                    Files.delete(content);
                }
            }
        }
    }
}
