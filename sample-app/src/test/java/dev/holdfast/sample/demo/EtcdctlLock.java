package dev.holdfast.sample.demo;

import dev.holdfast.lock.test.EtcdServer;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.CompletableFuture;

/** {@code etcdctl lock NAME}: prints its key when it has the lock, holds until ended. */
final class EtcdctlLock implements AutoCloseable {

    private final Process process;
    private final CompletableFuture<String> key;

    EtcdctlLock(EtcdServer etcd, String name) throws IOException {
        this.process = etcd.etcdctlProcess("lock", name).start();
        BufferedReader output = process.inputReader();
        this.key = CompletableFuture.supplyAsync(() -> readKey(output));
    }

    /** Completes when the lock is held. */
    CompletableFuture<String> key() {
        return key;
    }

    /** SIGTERM, on which etcdctl gives the lock back. */
    @Override
    public void close() {
        process.destroy();
        process.onExit().join();
    }

    private static String readKey(BufferedReader output) {
        try {
            return String.valueOf(output.readLine());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
