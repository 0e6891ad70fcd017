package dev.holdfast.lock.cli;

import static dev.holdfast.lock.cli.Program.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.lock.test.TcpLink;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What becomes of a command whose lock is lost, or whose wrapper is killed. */
class LossProcessTests extends ProcessesOnEtcd {

    /** Tells its own process id and that of a child of its own, which no shell would end for it. */
    private static final String FAMILY = "sleep 60 & echo $$ $! > %s; wait";

    /** Takes no notice of SIGTERM, and says all the time that it lives. */
    private static final String STUBBORN =
            "trap '' TERM; echo in > %1$s; while :; do date +%%s%%N > %1$s.new; mv %1$s.new %1$s; /bin/sleep 0.02; done";

    @Test
    void aLostLockEndsTheCommandAndAllItStarted() throws IOException {
        Path pids = setting.file("pids");
        try (Program run = setting.holdfast("run", "--ttl", "5s", name, "--", "sh", "-c", FAMILY.formatted(pids))) {
            List<Long> family = pids(run, pids);
            assertThat(family).hasSize(2).allMatch(Program::exists);

            etcd.etcdctl("del", "--prefix", "locks/" + name + "/");

            assertThat(run.exitCode()).isEqualTo(76);
            assertThat(run.err()).hasLineCount(1).contains("lock '" + name + "' is lost");
            assertThat(family).noneMatch(Program::exists);
        }
    }

    @Test
    void aLockThatIsLostMayBeIgnored() {
        Path in = setting.file("in");
        String script = "echo in > " + in + "; while [ ! -e " + in + ".go ]; do sleep 0.05; done; exit 4";
        try (Program run =
                setting.holdfast("run", "--on-lost", "ignore", "--ttl", "5s", name, "--", "sh", "-c", script)) {
            run.awaitIn(in, "in");
            etcd.etcdctl("del", "--prefix", "locks/" + name + "/");
            await().until(() -> run.err().contains("is lost"));
            assertThat(run.running()).isTrue();
            Files.createFile(directory.resolve("in.go"));
            assertThat(run.exitCode()).isEqualTo(4);
        } catch (IOException failed) {
            throw new java.io.UncheckedIOException(failed);
        }
    }

    /** Also where a pause takes the guardian several times as long as it should. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aStubbornCommandIsGoneBeforeEtcdGivesTheLockToAnother(boolean starved) throws IOException {
        if (starved) {
            letPausesBeLong();
        }
        Path alive = setting.file("alive");
        try (TcpLink link = TcpLink.to(etcd.endpoint());
                Program cutOff = setting.holdfast(
                        "run",
                        "--endpoints",
                        link.endpoint(),
                        "--ttl",
                        "5s",
                        "--grace",
                        "2500ms",
                        name,
                        "--",
                        "sh",
                        "-c",
                        STUBBORN.formatted(alive))) {
            cutOff.awaitIn(alive, "1");
            try (Program next = setting.holdfast("run", name, "--", "date", "+%s%N")) {
                await().until(() -> keys().size() == 2);
                link.refuse();

                assertThat(next.exitCode()).isZero();
                long given = Long.parseLong(next.out().strip());
                assertThat(cutOff.exitCode()).isEqualTo(76);
                long lastSign = Long.parseLong(Program.read(alive).strip());
                assertThat(given - lastSign).as("nanoseconds between the two").isPositive();
            }
        }
    }

    @Test
    void whoWaitsAndIsCutOffIsToldOfEtcdAndNotThatOthersHadTheLock() {
        Path held = setting.file("held");
        try (TcpLink link = TcpLink.to(etcd.endpoint());
                Program holder =
                        setting.holdfast("run", name, "--", "sh", "-c", "echo in > " + held + "; exec sleep 60")) {
            holder.awaitIn(held, "in");
            try (Program waiter =
                    setting.holdfast("run", "--endpoints", link.endpoint(), "--ttl", "5s", name, "--", "echo", "ran")) {
                await().until(() -> keys().size() == 2);
                link.refuse();
                assertThat(waiter.exitCode()).as("%s", waiter).isEqualTo(69);
                assertThat(waiter.out()).isEmpty();
                assertThat(waiter.err()).hasLineCount(1).contains("the place in the queue was lost");
            }
        }
    }

    @Test
    void aCommandThatWasStoppedUntilOthersHadTheLockIsEndedWhenItGoesOn() throws IOException {
        Path pids = setting.file("pids");
        try (Program stopped = setting.holdfast("run", "--ttl", "5s", name, "--", "sh", "-c", FAMILY.formatted(pids))) {
            List<Long> family = pids(stopped, pids);
            // As Ctrl-Z does at a terminal.
            Program.signal("STOP", -family.get(0));
            stopped.signal("STOP");
            try (Program next = setting.holdfast("run", name, "--", "echo", "ran")) {
                assertThat(next.exitCode()).isZero();
                assertThat(next.out()).isEqualTo("ran\n");
            }
            stopped.signal("CONT");
            Program.signal("CONT", -family.get(0));
            assertThat(stopped.exitCode()).as("%s", stopped).isEqualTo(76);
            assertThat(stopped.err()).hasLineCount(1).contains("lock '" + name + "'");
            assertThat(family).noneMatch(Program::exists);
        }
    }

    @Test
    void aGracePeriodThatCannotFitIsRefused() {
        try (Program run = setting.holdfast("run", "--ttl", "10s", "--grace", "6s", name, "--", "echo", "ran")) {
            assertThat(run.exitCode()).isEqualTo(64);
            assertThat(run.out()).isEmpty();
            assertThat(run.err()).hasLineCount(1).contains("--grace is 6s", "at most 5s", "--ttl to 12s");
        }
    }

    @Test
    void aCommandDoesNotOutliveAWrapperThatWasKilled() throws IOException {
        Path pids = setting.file("pids");
        try (Program run = setting.holdfast("run", "--grace", "1s", name, "--", "sh", "-c", FAMILY.formatted(pids))) {
            List<Long> family = pids(run, pids);
            run.signal("KILL");
            await().until(() -> family.stream().noneMatch(Program::exists));
            assertThat(keys()).as("the lock is still taken then").hasSize(1);
        }
    }

    /** The first thing it does, so that we may not even have learned that it runs. */
    @RepeatedTest(3)
    void aCommandThatKillsTheWrapperAtOnceDoesNotOutliveItEither() throws IOException {
        Path pid = setting.file("pid");
        String script = "echo $$ > " + pid + "; kill -KILL $PPID; exec sleep 60";
        try (Program run = setting.holdfast("run", "--grace", "1s", name, "--", "sh", "-c", script)) {
            assertThat(run.exitCode()).isEqualTo(137);
            long command = Long.parseLong(Program.read(pid).strip());
            await().until(() -> !Program.exists(command));
            assertThat(keys()).as("the lock is still taken then").hasSize(1);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aStubbornCommandOfAKilledWrapperIsKilledWhileTheLockIsTaken(boolean starved) throws IOException {
        if (starved) {
            letPausesBeLong();
        }
        Path alive = setting.file("alive");
        try (Program run = setting.holdfast("run", "--ttl", "20s", name, "--", "sh", "-c", STUBBORN.formatted(alive))) {
            run.awaitIn(alive, "1");
            run.signal("KILL");
            assertThat(run.exitCode()).isEqualTo(137);
            await().until(() -> {
                String before = Program.read(alive);
                return !before.isEmpty()
                        && System.currentTimeMillis() - Long.parseLong(before.strip()) / 1_000_000 > 500;
            });
            assertThat(keys()).as("the lock is still taken then").hasSize(1);
        }
    }

    @Test
    void aCommandWhoseGuardianWasKilledHasItsGracePeriod() throws IOException {
        Path pids = setting.file("pids");
        Path ended = setting.file("ended");
        String script = "trap 'echo told > " + ended + "; exit 3' TERM; sleep 60 & echo $$ $! > " + pids + "; wait";
        try (Program run = setting.holdfast("run", "--ttl", "5s", name, "--", "sh", "-c", script)) {
            List<Long> family = pids(run, pids);
            ProcessHandle guardian = ProcessHandle.of(run.pid())
                    .orElseThrow()
                    .children()
                    .filter(each -> !family.contains(each.pid()))
                    .findFirst()
                    .orElseThrow();
            guardian.destroyForcibly();
            guardian.onExit().join();
            etcd.etcdctl("del", "--prefix", "locks/" + name + "/");
            assertThat(run.exitCode()).isEqualTo(76);
            assertThat(Program.read(ended)).isEqualTo("told\n");
            assertThat(family).noneMatch(Program::exists);
        }
    }

    @Test
    void aLostLockEndsTheCommandThoughNobodyReadsOurWarning() throws IOException {
        Path pids = setting.file("pids");
        // Standard error is a pipe that this process itself could read, and the command has filled.
        String withFullPipe = "mkfifo \"$1\"; exec 2<>\"$1\"; shift; exec \"$@\"";
        String script = "head -c 200000 /dev/zero >&2 & echo $$ $! > " + pids + "; wait";
        List<String> line = List.of(
                "sh",
                "-c",
                withFullPipe,
                "sh",
                setting.file("pipe").toString(),
                Program.launcher(),
                "run",
                "--ttl",
                "5s",
                name,
                "--",
                "sh",
                "-c",
                script);
        try (Program run = setting.start(Redirect.from(Path.of("/dev/null").toFile()), line)) {
            List<Long> family = pids(run, pids);
            etcd.etcdctl("del", "--prefix", "locks/" + name + "/");
            assertThat(run.exitCode()).isEqualTo(76);
            assertThat(family).noneMatch(Program::exists);
        }
    }

    /** A pause takes the guardian several times as long as it should. */
    private void letPausesBeLong() throws IOException {
        Path programs = Files.createDirectory(setting.file("bin"));
        Path sleep = Files.writeString(programs.resolve("sleep"), "#!/bin/sh\n/bin/sleep 0.7\n");
        assertThat(sleep.toFile().setExecutable(true)).isTrue();
        setting.with("PATH", programs + ":" + System.getenv("PATH"));
    }

    private static List<Long> pids(Program run, Path file) throws IOException {
        run.awaitIn(file, "\n");
        return List.of(Files.readString(file).strip().split(" ")).stream()
                .map(Long::valueOf)
                .toList();
    }
}
