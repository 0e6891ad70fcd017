package dev.holdfast.lock.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;

/** A program as a process of its own, with its streams in files: ours through its launcher, {@code etcdctl} or any other. */
final class Program implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofSeconds(50);

    private final Process process;
    private final Path out;
    private final Path err;

    private Program(Process process, Path out, Path err) {
        this.process = process;
        this.out = out;
        this.err = err;
    }

    /** The launcher of the jar that the build has made. */
    static String launcher() {
        return Path.of("").toAbsolutePath().resolveSibling("bin/holdfast").toString();
    }

    /** The launcher as a word of a line for a shell. */
    static String quotedLauncher() {
        return "'" + launcher() + "'";
    }

    /** How programs are started in a test. */
    static final class Setting {

        private final Path directory;
        private final Map<String, String> environment = new HashMap<>();
        private int count;

        Setting(Path directory) {
            this.directory = directory;
            environment.put("JAVA_HOME", System.getProperty("java.home"));
            environment.put(
                    "HOLDFAST_JAR",
                    Path.of("target/holdfast.jar").toAbsolutePath().toString());
            environment.put("ETCDCTL_API", "3");
        }

        Setting with(String variable, String value) {
            environment.put(variable, value);
            return this;
        }

        /** A file in the test's own directory. */
        Path file(String name) {
            return directory.resolve(name);
        }

        Program holdfast(String... args) {
            return holdfast(Redirect.from(Path.of("/dev/null").toFile()), args);
        }

        Program holdfast(Redirect stdin, String... args) {
            List<String> command = new ArrayList<>(List.of(launcher()));
            command.addAll(List.of(args));
            return start(stdin, command);
        }

        /**
         * At a terminal of its own.
         *
         * @param line for a shell
         */
        Program holdfastAtTerminal(String line) {
            // With exec, since the shell of the terminal gets Ctrl-C too: dash, which is /bin/sh on Debian, stays and
            // dies of it.
            return start(
                    Redirect.PIPE, List.of("script", "-qec", "exec " + quotedLauncher() + " " + line, "/dev/null"));
        }

        Program start(Redirect stdin, List<String> command) {
            List<String> line = new ArrayList<>();
            if (Files.isDirectory(Path.of("/proc"))) {
                // A test run that was started under nohup or in the background of a script ignores signals, and its
                // children would too.
                line.addAll(List.of("env", "--default-signal=HUP,INT,TERM,QUIT"));
            }
            line.addAll(command);
            int number = ++count;
            Path out = file("out-" + number);
            Path err = file("err-" + number);
            ProcessBuilder builder = new ProcessBuilder(line)
                    .redirectInput(stdin)
                    .redirectOutput(out.toFile())
                    .redirectError(err.toFile());
            builder.environment().keySet().removeIf(name -> name.startsWith("ETCD") || name.startsWith("HOLDFAST_"));
            // That of a user differs from that of a CI job, which may have none.
            builder.environment().put("SHELL", "/bin/sh");
            builder.environment().putAll(environment);
            try {
                return new Program(builder.start(), out, err);
            } catch (IOException failed) {
                throw new UncheckedIOException(failed);
            }
        }
    }

    long pid() {
        return process.pid();
    }

    boolean running() {
        return process.isAlive();
    }

    /** Waits for the end; the exit code. */
    int exitCode() {
        try {
            assertThat(process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS))
                    .as("ends within %s; %s", PATIENCE, this)
                    .isTrue();
            return process.exitValue();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(interrupted);
        }
    }

    String out() {
        return read(out);
    }

    String err() {
        return read(err);
    }

    /** To its standard input, if that is a pipe. */
    void type(String text) {
        try {
            process.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
            process.getOutputStream().flush();
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    /** SIGTERM and the like, to this process alone. */
    void signal(String name) {
        signal(name, pid());
    }

    static void signal(String name, long pid) {
        try {
            new ProcessBuilder("sh", "-c", "kill -s \"$0\" -- \"$1\"", name, Long.toString(pid))
                    .start()
                    .waitFor();
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(interrupted);
        }
    }

    /** A wait with patience for programs that start on a busy machine. */
    static ConditionFactory await() {
        return Awaitility.await().pollInterval(Duration.ofMillis(20)).atMost(PATIENCE);
    }

    /** Returns when its standard output holds the text. */
    void awaitInOutput(String text) {
        awaitIn(out, text);
    }

    /** Returns when the file holds the text. */
    void awaitIn(Path file, String text) {
        await().until(() -> {
            assertThat(running() || read(file).contains(text))
                    .as("runs until %s holds '%s'; %s", file, text, this)
                    .isTrue();
            return read(file).contains(text);
        });
    }

    static String read(Path file) {
        try {
            return Files.exists(file) ? Files.readString(file) : "";
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    /** Whether a process with that id exists and is no zombie, which a ProcessHandle takes for alive until init has seen its end. */
    static boolean exists(long pid) {
        return ProcessHandle.of(pid).map(ProcessHandle::isAlive).orElse(false) && !zombie(pid);
    }

    private static boolean zombie(long pid) {
        try {
            String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
            // The state stands behind the name, which is in parentheses and may contain some.
            return stat.startsWith(") Z", stat.lastIndexOf(')'));
        } catch (IOException goneOrNoProc) {
            return false;
        }
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }

    @Override
    public String toString() {
        return "exit code " + (running() ? "none yet" : process.exitValue()) + ", stdout [" + out() + "], stderr ["
                + err() + "]";
    }
}
