package dev.holdfast.lock.cli;

import java.io.File;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * The command. In a session and process group of its own, so that signals reach all it started; but in ours if it can talk to a person at a
 * terminal, which only the foreground group may do, or if there is no {@code setsid}: then they go to it and its descendants.
 */
final class Child {

    /** From SIGKILL until we stop waiting for the end. */
    private static final Duration KILLED = Duration.ofSeconds(2);

    private final Process process;
    private final Guardian guardian;
    private final Target target;
    private final boolean terminal;

    private Child(Process process, Guardian guardian, boolean group, boolean terminal) {
        this.process = process;
        this.guardian = guardian;
        this.target = new Target(process.pid(), group);
        this.terminal = terminal;
    }

    /**
     * @param environment what is added to ours
     * @param stdin whether it reads our standard input, or nothing
     * @param guarded whether it may not outlive us by more than the grace period
     */
    static Child start(
            List<String> command, Map<String, String> environment, boolean stdin, Guardian guardian, boolean guarded) {
        boolean terminal = stdin && Terminal.isStdin();
        Optional<Path> setsid = terminal ? Optional.empty() : Programs.onPath("setsid");
        List<String> line = new ArrayList<>();
        // It is no group leader yet, so setsid does not fork: the process we start becomes the command.
        setsid.ifPresent(path -> line.add(path.toString()));
        line.addAll(command);
        ProcessBuilder builder = new ProcessBuilder(line).inheritIO();
        if (!stdin) {
            builder.redirectInput(Redirect.from(new File("/dev/null")));
        }
        builder.environment().putAll(environment);
        restoreLocale(builder.environment());
        if (guarded) {
            // We may be killed as soon as it runs.
            guardian.expect(Objects.requireNonNull(environment.get(Guardian.LOCK_KEY)));
        }
        try {
            Child child = new Child(builder.start(), guardian, setsid.isPresent(), terminal);
            if (guarded) {
                guardian.watch(child.target);
            }
            return child;
        } catch (Error broken) {
            // Without a thread to wait for it the command runs all the same.
            if (guarded) {
                guardian.stopExpected();
            }
            throw broken;
        } catch (IOException failed) {
            throw new CliException(
                    ExitCode.FAILURE, "cannot run '" + command.get(0) + "': " + failed.getMessage(), failed);
        }
    }

    /** The launcher gives us a locale in which we understand all arguments. */
    private static void restoreLocale(Map<String, String> environment) {
        String before = environment.remove("HOLDFAST_LC_ALL");
        if (before != null) {
            environment.remove("LC_ALL");
            if (before.startsWith("=")) {
                environment.put("LC_ALL", before.substring(1));
            }
        }
    }

    void signal(UnixSignal signal) {
        // A terminal tells all of its foreground group by itself, and two of them would look like impatience.
        if (!(terminal && signal == UnixSignal.INT)) {
            guardian.send(signal, targets());
        }
    }

    /** Its exit code, or 128 and the number of the signal that ended it. */
    CompletableFuture<Integer> exit() {
        return process.onExit().thenApply(Process::exitValue);
    }

    /** Of one that is guarded: SIGTERM, the grace period, SIGKILL; returns when all is gone, at the latest a moment after SIGKILL. */
    void stop(Duration grace) throws InterruptedException {
        if (!target.group() || !guardian.stop(target, grace)) {
            stopEach(grace);
        }
        if (process.waitFor(KILLED.toMillis(), TimeUnit.MILLISECONDS)) {
            return;
        }
        // Where no process can be made, none could send a signal. This needs none.
        family().forEach(ProcessHandle::destroyForcibly);
        if (!process.waitFor(KILLED.toMillis(), TimeUnit.MILLISECONDS)) {
            Messages.warn("process " + process.pid() + " does not end, even by SIGKILL");
        }
    }

    private void stopEach(Duration grace) throws InterruptedException {
        List<ProcessHandle> family = family().toList();
        guardian.send(UnixSignal.TERM, targets());
        long end = System.nanoTime() + grace.toNanos();
        for (ProcessHandle each : family) {
            try {
                each.onExit().get(Math.max(0, end - System.nanoTime()), TimeUnit.NANOSECONDS);
            } catch (java.util.concurrent.TimeoutException late) {
                each.destroyForcibly();
            } catch (java.util.concurrent.ExecutionException impossible) {
                throw new IllegalStateException(impossible);
            }
        }
        family().forEach(ProcessHandle::destroyForcibly);
        if (target.group()) {
            Guardian.kill("KILL", List.of(target));
        }
    }

    private List<Target> targets() {
        return target.group()
                ? List.of(target)
                : family().map(each -> new Target(each.pid(), false)).toList();
    }

    private Stream<ProcessHandle> family() {
        return Stream.concat(Stream.of(process.toHandle()), process.descendants());
    }
}
