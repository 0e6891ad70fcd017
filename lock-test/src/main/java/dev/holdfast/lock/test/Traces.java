package dev.holdfast.lock.test;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/**
 * What the use of locks leaves in etcd and in this JVM, as counts. On Linux only.
 *
 * @param keys entries of locks
 * @param guards of names that were in doubt
 * @param leases all
 * @param watchStreams etcd's
 * @param watchers etcd's
 * @param keepAlives calls of LeaseKeepAlive that have not ended
 * @param calls calls of any kind that have not ended
 * @param goroutines etcd's
 * @param threads of this JVM, without the callback threads, of which there may be a fixed number
 * @param files open in this JVM
 */
public record Traces(
        long keys,
        long guards,
        long leases,
        long watchStreams,
        long watchers,
        long keepAlives,
        long calls,
        long goroutines,
        long threads,
        long files) {

    /** As it is now, of locks below {@code locks/}. */
    public static Traces of(EtcdServer etcd) {
        return new Traces(
                lines(etcd, "get", "--prefix", "--keys-only", "locks/")
                        .filter(key -> !key.startsWith("locks/%guard/"))
                        .count(),
                lines(etcd, "get", "--prefix", "--keys-only", "locks/%guard/").count(),
                lines(etcd, "lease", "list")
                        .filter(line -> line.matches("[0-9a-f]+"))
                        .count(),
                (long) etcd.metric("etcd_debugging_mvcc_watch_stream_total"),
                (long) etcd.metric("etcd_debugging_mvcc_watcher_total"),
                open(etcd, "grpc_method=\"LeaseKeepAlive\""),
                open(etcd, "grpc_service=\"etcdserverpb."),
                (long) etcd.metric("go_goroutines"),
                running().count() - callbackThreads(),
                openFiles());
    }

    /** Heap in use after everything unreachable was collected, in KiB. */
    public static long heapKib() {
        long least = Long.MAX_VALUE;
        // References and cleaners need more than one round.
        for (int i = 0; i < 5; i++) {
            System.gc();
            least = Math.min(
                    least,
                    ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed() / 1024);
        }
        return least;
    }

    /** Threads that run listeners; idle ones end after some seconds. */
    public static long callbackThreads() {
        return running()
                .filter(thread -> thread.getName().startsWith("holdfast-callback"))
                .count();
    }

    private static Stream<Thread> running() {
        return Thread.getAllStackTraces().keySet().stream();
    }

    private static long open(EtcdServer etcd, String label) {
        return (long) (etcd.metricSum("grpc_server_started_total", label)
                - etcd.metricSum("grpc_server_handled_total", label));
    }

    private static Stream<String> lines(EtcdServer etcd, String... command) {
        return etcd.etcdctl(command).lines().filter(line -> !line.isBlank());
    }

    private static long openFiles() {
        try (Stream<Path> files = Files.list(Path.of("/proc/self/fd"))) {
            return files.filter(file -> !holdsClasses(file)).count();
        } catch (IOException failed) {
            throw new UncheckedIOException("File descriptors are counted in /proc: run these tests on Linux", failed);
        }
    }

    /** A jar is opened when the first of its classes is needed, which may be late, and stays open. */
    private static boolean holdsClasses(Path file) {
        try {
            return Files.readSymbolicLink(file).toString().endsWith(".jar");
        } catch (IOException closed) {
            return false;
        }
    }
}
