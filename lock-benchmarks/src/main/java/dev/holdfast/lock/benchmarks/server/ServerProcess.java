package dev.holdfast.lock.benchmarks.server;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A process with a port and a temporary directory; both go with {@link #close()}. */
final class ServerProcess implements AutoCloseable {

    private static final Duration START_TIMEOUT = Duration.ofSeconds(30);

    private final Path directory;
    private final Process process;
    private final int port;

    private ServerProcess(Path directory, Process process, int port) {
        this.directory = directory;
        this.process = process;
        this.port = port;
    }

    /** Starts the command, which must become the server itself, and returns when something listens on the port. */
    static ServerProcess start(Path directory, int port, List<String> command) {
        try {
            Process process = new ProcessBuilder(command)
                    .directory(directory.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(log(directory))
                    .start();
            ServerProcess server = new ServerProcess(directory, process, port);
            server.awaitListening();
            return server;
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    static Path directory(String name) {
        try {
            return Files.createTempDirectory("holdfast-bench-" + name);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    static int freePort() {
        try (ServerSocket any = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return any.getLocalPort();
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    /** Runs a command to its end; fails if it does. */
    static void run(Path directory, List<String> command) {
        try {
            Process process = new ProcessBuilder(command)
                    .directory(directory.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(log(directory))
                    .start();
            process.getOutputStream().close();
            int status = process.waitFor();
            if (status != 0) {
                throw new IllegalStateException(command + " ended with " + status + ": "
                        + Files.readString(log(directory).toPath()));
            }
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("Interrupted while running " + command, interrupted);
        }
    }

    int port() {
        return port;
    }

    long pid() {
        return process.pid();
    }

    @Override
    public void close() {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
        process.onExit()
                .orTimeout(5, TimeUnit.SECONDS)
                .exceptionally(late -> process)
                .join();
        delete(directory);
    }

    static void delete(Path directory) {
        try (Stream<Path> files = Files.walk(directory)) {
            files.sorted(Comparator.reverseOrder())
                    .forEach(file -> file.toFile().delete());
        } catch (IOException | UncheckedIOException left) {
            // a temporary directory that stays behind harms nobody
        }
    }

    private static File log(Path directory) {
        return directory.resolve("server.log").toFile();
    }

    private void awaitListening() throws IOException {
        long deadline = System.nanoTime() + START_TIMEOUT.toNanos();
        while (System.nanoTime() - deadline < 0 && process.isAlive()) {
            try (Socket connected = new Socket(InetAddress.getLoopbackAddress(), port)) {
                if (connected.isConnected()) {
                    return;
                }
            } catch (IOException notYet) {
                pause();
            }
        }
        String log = Files.readString(log(directory).toPath());
        close();
        throw new IllegalStateException("No server on port " + port + ": " + log);
    }

    private static void pause() {
        try {
            TimeUnit.MILLISECONDS.sleep(25);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("Interrupted while waiting for a server", interrupted);
        }
    }
}
