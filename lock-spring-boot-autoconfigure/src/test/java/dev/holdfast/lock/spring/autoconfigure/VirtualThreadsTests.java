package dev.holdfast.lock.spring.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.lock.test.EtcdServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code spring.threads.virtual.enabled=true}. Needs a JDK of at least 21: the one that runs the tests, or the newest below {@code
 * /usr/lib/jvm}; {@code ./dev test} runs it where there is one.
 */
@Tag("virtual-threads")
class VirtualThreadsTests {

    private static final int HAS_THEM = 21;
    private static final int WARNS_OF_UNSAFE = 24;

    @Test
    void tenThousandCallsAtOnceLockOnVirtualThreadsAndPinNone(@TempDir Path directory) throws Exception {
        try (EtcdServer etcd = EtcdServer.start()) {
            assertThat(output(etcd.endpoint(), directory.resolve("calls.log")))
                    .contains("counted=" + VirtualThreadCalls.CALLS)
                    .contains("virtual=" + VirtualThreadCalls.CALLS)
                    .contains("held=0")
                    .contains("pinned=[]");
        }
    }

    private static List<String> output(String endpoint, Path log) throws IOException, InterruptedException {
        Jdk jdk = Jdk.withVirtualThreads()
                .orElseThrow(
                        () -> new IllegalStateException("No JDK with virtual threads: run the tests on one, or put one"
                                + " of at least " + HAS_THEM + " into /usr/lib/jvm"));
        List<String> command = new ArrayList<>(
                List.of(jdk.home().resolve("bin").resolve("java").toString(), "-Xmx512m"));
        if (jdk.feature() >= WARNS_OF_UNSAFE) {
            command.addAll(List.of("--sun-misc-unsafe-memory-access=allow", "--enable-native-access=ALL-UNNAMED"));
        }
        command.addAll(
                List.of("-cp", System.getProperty("java.class.path"), VirtualThreadCalls.class.getName(), endpoint));
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        try {
            assertThat(process.waitFor(5, TimeUnit.MINUTES))
                    .as("ended; said so far: %s", Files.readString(log))
                    .isTrue();
        } finally {
            process.destroyForcibly();
        }
        return Files.readAllLines(log);
    }

    private record Jdk(Path home, int feature) {

        static Optional<Jdk> withVirtualThreads() throws IOException {
            Jdk running = new Jdk(
                    Path.of(System.getProperty("java.home")), Runtime.version().feature());
            if (running.feature >= HAS_THEM) {
                return Optional.of(running);
            }
            Path all = Path.of("/usr/lib/jvm");
            if (!Files.isDirectory(all)) {
                return Optional.empty();
            }
            try (Stream<Path> homes = Files.list(all)) {
                return homes.flatMap(Jdk::at)
                        .filter(jdk -> jdk.feature >= HAS_THEM)
                        .max(Comparator.comparingInt(Jdk::feature));
            }
        }

        private static Stream<Jdk> at(Path home) {
            try {
                return Files.readAllLines(home.resolve("release")).stream()
                        .filter(line -> line.startsWith("JAVA_VERSION="))
                        .map(line -> line.replaceAll("[^0-9.]", ""))
                        .map(version ->
                                new Jdk(home, Runtime.Version.parse(version).feature()));
            } catch (IOException noJdk) {
                return Stream.empty();
            }
        }
    }
}
