package dev.holdfast.lock.etcd;

import static org.awaitility.Awaitility.await;

import dev.holdfast.lock.test.EtcdServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A disk that takes very long to write down what the server wants to be sure of: whatever waits for it stands still, while the server's
 * clocks and connections go on. From the start until {@link #close()}. Needs strace and the right to trace.
 */
final class StalledDisk implements AutoCloseable {

    private static final Duration LIMIT = Duration.ofSeconds(10);

    private final Process strace;
    private final Path log;

    private StalledDisk(Process strace, Path log) {
        this.strace = strace;
        this.log = log;
    }

    static StalledDisk of(EtcdServer etcd) {
        try {
            Path log = Files.createTempFile("holdfast-strace", ".log");
            Process strace = new ProcessBuilder(List.of(
                            "strace",
                            "-f",
                            "-p",
                            Long.toString(etcd.pid()),
                            "-e",
                            "trace=fdatasync",
                            "-e",
                            "inject=fdatasync:delay_enter=60000000"))
                    .redirectErrorStream(true)
                    .redirectOutput(log.toFile())
                    .start();
            StalledDisk disk = new StalledDisk(strace, log);
            await().pollInterval(Duration.ofMillis(10))
                    .atMost(LIMIT)
                    .until(() -> disk.log().contains("attached") || !strace.isAlive());
            if (!strace.isAlive()) {
                throw new IllegalStateException(
                        "strace may not trace etcd; run as root or where processes may be traced: " + disk.log());
            }
            return disk;
        } catch (IOException missing) {
            throw new IllegalStateException(
                    "This test stalls a disk with strace, which does not start; install it (Debian: apt-get install strace)",
                    missing);
        }
    }

    /** Whether the server waits for the disk. */
    boolean stalls() {
        return log().contains("fdatasync(");
    }

    private String log() {
        try {
            return Files.readString(log);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    /** The disk is as fast as before, at once. */
    @Override
    public void close() {
        strace.destroyForcibly();
        try {
            if (!strace.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)) {
                throw new IllegalStateException("strace does not end");
            }
            Files.deleteIfExists(log);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(interrupted);
        }
    }
}
