package dev.holdfast.lock.cli;

import static dev.holdfast.lock.cli.Program.await;
import static org.assertj.core.api.Assertions.assertThat;

import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Signals to the wrapper. */
class SignalProcessTests extends ProcessesOnEtcd {

    @ParameterizedTest
    @CsvSource({"INT, 11", "TERM, 12", "HUP, 13"})
    void aSignalReachesTheCommandAndItsChildrenAndTheWrapperWaits(String signal, int code) {
        Path log = setting.file("log");
        // The inner shell is a child of the command; both tell what they got, the outer one when the inner one has
        // ended. A shell may tell that its sleep was terminated, which is of no interest.
        String script = "trap 'echo outer >> %1$s; exit %3$d' %2$s;"
                + " sh -c 'trap \"echo inner >> %1$s; exit 0\" %2$s; echo ready >> %1$s; while :; do sleep 0.05; done' 2>/dev/null; sleep 9";
        try (Program run = setting.holdfast("run", name, "--", "sh", "-c", script.formatted(log, signal, code))) {
            run.awaitIn(log, "ready");
            run.signal(signal);
            assertThat(run.exitCode()).isEqualTo(code);
            assertThat(Program.read(log)).isEqualTo("ready\ninner\nouter\n");
            assertThat(run.err()).isEmpty();
        }
        assertThat(keys()).isEmpty();
    }

    @Test
    void aSignalEndsTheWaitAndLeavesNothingBehind() {
        try (Program holder = holding()) {
            assertThat(holder.running()).isTrue();
            try (Program waiter = setting.holdfast("run", name, "--", "echo", "ran")) {
                await().until(() -> keys().size() == 2);
                waiter.signal("TERM");
                assertThat(waiter.exitCode()).isEqualTo(128 + 15);
                assertThat(waiter.out()).isEmpty();
                assertThat(keys()).hasSize(1);
            }
        }
    }

    @Test
    void aSignalThatTheCommandIgnoresDoesNotEndTheWrapper() {
        Path log = setting.file("log");
        String script =
                "trap 'echo got >> %1$s' TERM; echo ready >> %1$s; while [ ! -e %1$s.go ]; do sleep 0.05; done; exit 5";
        try (Program run = setting.holdfast("run", name, "--", "sh", "-c", script.formatted(log))) {
            run.awaitIn(log, "ready");
            run.signal("TERM");
            run.awaitIn(log, "got");
            assertThat(run.running()).isTrue();
            Files.createFile(directory.resolve("log.go"));
            assertThat(run.exitCode()).isEqualTo(5);
        } catch (java.io.IOException failed) {
            throw new java.io.UncheckedIOException(failed);
        }
    }

    @Test
    void aSignalIgnoredByWhoStartsUsIsIgnored() {
        Path log = setting.file("log");
        String script = "echo ready >> %1$s; while [ ! -e %1$s.go ]; do sleep 0.05; done; exit 6";
        List<String> command = List.of(
                "env", "--ignore-signal=HUP", Program.launcher(), "run", name, "--", "sh", "-c", script.formatted(log));
        try (Program run = setting.start(Redirect.from(Path.of("/dev/null").toFile()), command)) {
            run.awaitIn(log, "ready");
            run.signal("HUP");
            Files.createFile(directory.resolve("log.go"));
            assertThat(run.exitCode()).isEqualTo(6);
        } catch (java.io.IOException failed) {
            throw new java.io.UncheckedIOException(failed);
        }
    }

    @Test
    void theCommandLeadsAProcessGroupOfItsOwn() {
        try (Program run = setting.holdfast("run", name, "--", "sh", "-c", "echo $$; cut -d ' ' -f 5 /proc/$$/stat")) {
            assertThat(run.exitCode()).isZero();
            List<String> lines = run.out().lines().map(String::strip).toList();
            assertThat(lines.get(1)).isEqualTo(lines.get(0));
        }
    }

    @Test
    void aCommandAtATerminalReadsFromItAndGetsCtrlCOnce() {
        String line = "run " + name
                + " -- sh -c 'echo ready; read line; echo got $line; trap \"echo stopped\" INT; sleep 30; echo over; exit 9'";
        try (Program terminal = setting.holdfastAtTerminal(line)) {
            await().until(() -> terminal.out().contains("ready"));
            terminal.type("hello\n");
            await().until(() -> terminal.out().contains("got hello"));
            terminal.type("\u0003");
            assertThat(terminal.exitCode()).as("%s", terminal).isEqualTo(9);
            // Behind the ^C that the terminal shows.
            assertThat(terminal.out().lines().filter(each -> each.endsWith("stopped")))
                    .hasSize(1);
        }
    }
}
