package dev.holdfast.sample.demo;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A process that does not outlive this one, with its output in a file. */
final class ChildProcess implements AutoCloseable {

    private final Process process;
    private final Path log;
    private final Thread hook;

    ChildProcess(List<String> command, Path log) {
        this(command, Map.of(), log);
    }

    /** @param environment what is added to ours */
    ChildProcess(List<String> command, Map<String, String> environment, Path log) {
        try {
            ProcessBuilder builder = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
            cleanse(builder.environment());
            builder.environment().putAll(environment);
            this.process = builder.start();
        } catch (IOException e) {
            throw new UncheckedIOException("Could not start " + command.get(0), e);
        }
        this.log = log;
        this.hook = new Thread(process::destroyForcibly);
        Runtime.getRuntime().addShutdownHook(hook);
    }

    /**
     * What users set for an etcd of their own and what a flag of ours says too would end etcd at once; what they set for Spring applications
     * of theirs could lead ours to their database.
     */
    static void cleanse(Map<String, String> environment) {
        // On some processors etcd wants the one that stays.
        environment
                .keySet()
                .removeIf(name ->
                        name.startsWith("SPRING_") || name.startsWith("ETCD") && !name.equals("ETCD_UNSUPPORTED_ARCH"));
    }

    /** Does nothing while the process runs. */
    void ensureAlive() {
        if (!process.isAlive()) {
            throw new IllegalStateException("A process ended with exit code " + process.exitValue() + "; see " + log);
        }
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** SIGKILL: the process gets no chance to release anything. */
    void kill() {
        process.destroyForcibly();
        process.onExit().join();
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(10, TimeUnit.SECONDS)) {
                kill();
            }
        } catch (InterruptedException e) {
            kill();
            Thread.currentThread().interrupt();
        }
        removeHook();
    }

    private void removeHook() {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException alreadyShuttingDown) {
            // then the hook runs, and finds the process gone
        }
    }
}
