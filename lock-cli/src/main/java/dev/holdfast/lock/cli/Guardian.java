package dev.holdfast.lock.cli;

import java.io.IOException;
import java.io.OutputStream;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A small shell beside us that outlives us. It sends the signals, since a JVM can send only two of them and not to a process group; and
 * when the pipe to it breaks, because we were killed, it ends the command we can no longer look after: SIGTERM, the grace period,
 * SIGKILL. It is in a session of its own where there is {@code setsid}, so that what is sent to our group does not reach it, and has none of
 * our streams open. Thread-safe.
 */
final class Guardian implements AutoCloseable {

    /** What the command finds its lock by, and we find the command by. */
    static final String LOCK_KEY = "HOLDFAST_LOCK_KEY";

    /**
     * The first argument is how many tenths of a second the grace period has. Each takes a little longer, so a twentieth is taken off; and
     * much longer on a busy machine, so the clock has a word too, in the second after the one in which the period ends. {@code -N} stands
     * for process group N; there is no {@code --} before it, which BusyBox takes for a process.
     *
     * <p>If we are killed when the command has started and before we could say which process it is, it is found by its environment; it may
     * have yet to get that, so there is more than one look.
     */
    private static final String SCRIPT = String.join(
            "\n",
            "PATH=$PATH:/usr/bin:/bin",
            "trap '' HUP INT TERM",
            "target=",
            "expected=",
            "while IFS=' ' read -r word rest; do",
            "  case $word in",
            "    expect) expected=$rest ;;",
            "    watch) target=$rest ;;",
            "    stop) break ;;",
            "    done) exit 0 ;;",
            "    *) kill \"-$word\" $rest 2>/dev/null ;;",
            "  esac",
            "done",
            "left=10",
            "while [ -z \"$target\" ] && [ -n \"$expected\" ] && [ \"$left\" -gt 0 ]; do",
            "  for file in $(LC_ALL=C grep -lsz \"^" + LOCK_KEY + "=.*/$expected\\$\" /proc/[0-9]*/environ); do",
            "    pid=${file#/proc/}",
            "    pid=${pid%/environ}",
            "    if kill -0 \"-$pid\" 2>/dev/null; then pid=-$pid; fi",
            "    target=\"$target $pid\"",
            "  done",
            "  [ -n \"$target\" ] || sleep 0.1",
            "  left=$((left - 1))",
            "done",
            "[ -n \"$target\" ] || exit 0",
            "end=$(($(date +%s) + ($1 + 9) / 10 + 1))",
            "kill -TERM $target 2>/dev/null",
            // However it ends, as when no process can be made for its pauses.
            "trap 'kill -KILL $target 2>/dev/null' EXIT",
            "left=$1",
            "while [ \"$left\" -gt 0 ] && [ \"$(date +%s)\" -lt \"$end\" ] && kill -0 $target 2>/dev/null; do",
            "  sleep 0.1",
            "  left=$((left - 1))",
            "done",
            "exit 0");

    private final Process shell;
    private final OutputStream pipe;

    private Guardian(Process shell) {
        this.shell = shell;
        this.pipe = shell.getOutputStream();
    }

    static Guardian start(Duration grace) {
        try {
            return new Guardian(process(grace).start());
        } catch (IOException failed) {
            throw new CliException(ExitCode.FAILURE, "cannot start a shell: " + failed.getMessage(), failed);
        }
    }

    static ProcessBuilder process(Duration grace) {
        List<String> command = new ArrayList<>();
        Programs.onPath("setsid").ifPresent(setsid -> command.add(setsid.toString()));
        long tenths = grace.toMillis() * 19 / 2000;
        command.addAll(List.of("/bin/sh", "-c", SCRIPT, "holdfast-guardian", Long.toString(tenths)));
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectOutput(Redirect.DISCARD).redirectError(Redirect.DISCARD);
        // That of a run around this one, whose guardian would take ours for its command.
        builder.environment().remove(LOCK_KEY);
        return builder;
    }

    /**
     * From now on it ends, when we are gone, what runs with that key in its environment; until it is told of the process itself. Where
     * there is no {@code /proc}, or no {@code grep -z}, that is not so.
     */
    void expect(String lockKey) {
        tell("expect " + lockKey.substring(lockKey.lastIndexOf('/') + 1));
    }

    /** Ends what is expected, if it runs; returns when that is done. */
    void stopExpected() {
        tell("stop");
        try {
            shell.waitFor();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** From now on it ends the target when we are gone. */
    void watch(Target target) {
        tell("watch " + target);
    }

    void send(UnixSignal signal, List<Target> targets) {
        String text = String.join(" ", targets.stream().map(Target::toString).toList());
        if (!tell(signal + " " + text)) {
            kill(signal.name(), targets);
        }
    }

    /**
     * Ends what it watches, with the grace period; returns when that is done.
     *
     * @return false if somebody killed the guardian before: nothing is done then
     */
    boolean stop(Target target, Duration grace) throws InterruptedException {
        if (!tell("stop")) {
            return false;
        }
        // The shell counts the pauses it makes, which are longer on a busy machine; the lock does not wait for it.
        if (!shell.waitFor(grace.toNanos(), TimeUnit.NANOSECONDS) || shell.exitValue() != 0) {
            kill("KILL", List.of(target));
        }
        return true;
    }

    /** The command has ended. */
    @Override
    public void close() {
        tell("done");
    }

    private synchronized boolean tell(String line) {
        try {
            pipe.write((line + "\n").getBytes(StandardCharsets.US_ASCII));
            pipe.flush();
            return shell.isAlive();
        } catch (IOException gone) {
            return false;
        }
    }

    /** Without a guardian. */
    static void kill(String signal, List<Target> targets) {
        List<String> command = new ArrayList<>(List.of("/bin/sh", "-c", "kill \"-$0\" \"$@\"", signal));
        targets.forEach(each -> command.add(each.toString()));
        try {
            new ProcessBuilder(command)
                    .redirectOutput(Redirect.DISCARD)
                    .redirectError(Redirect.DISCARD)
                    .start()
                    .waitFor(1, TimeUnit.SECONDS);
        } catch (IOException failed) {
            Messages.warn("cannot send SIG" + signal + ": " + failed.getMessage());
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
