package dev.holdfast.lock.cli;

import static dev.holdfast.lock.cli.Program.await;
import static org.assertj.core.api.Assertions.assertThat;

import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What {@code etcdctl lock} does otherwise, as the table in docs/cli.md says. */
class BesideEtcdctlProcessTests extends ProcessesOnEtcd {

    /** Says when it runs, and after it was told to stop waiting how it ends. */
    private static final String UNTIL_TOLD =
            "echo $$ > %1$s; while [ ! -e %1$s.go ]; do sleep 0.05; done; echo over >> %1$s";

    @Test
    void theKeyInANestedLockIsTheInnerOneHereAndTheOuterOneThere() {
        try (Program ours = setting.holdfast(
                        "run",
                        name + "-outer",
                        "--",
                        Program.launcher(),
                        "run",
                        name + "-inner",
                        "--",
                        "sh",
                        "-c",
                        "echo $ETCD_LOCK_KEY");
                Program theirs = etcdctl(
                        name + "-outer2",
                        "etcdctl",
                        "lock",
                        name + "-inner2",
                        "--",
                        "sh",
                        "-c",
                        "echo $ETCD_LOCK_KEY")) {
            assertThat(ours.exitCode()).as("%s", ours).isZero();
            assertThat(ours.out()).startsWith("locks/" + name + "-inner/");
            assertThat(theirs.exitCode()).as("%s", theirs).isZero();
            assertThat(theirs.out()).startsWith(name + "-outer2/");
        }
    }

    @Test
    void theExitCodeOfTheCommandIsOursAndNotAlwaysTheirs() {
        boolean old = etcd.etcdctl("version").contains("etcdctl version: 3.4.");
        try (Program ours = setting.holdfast("run", name, "--", "sh", "-c", "exit 7");
                Program theirs = etcdctl(name + "-2", "sh", "-c", "exit 7");
                Program killed = setting.holdfast("run", name + "-3", "--", "sh", "-c", "kill -TERM $$");
                Program theirsKilled = etcdctl(name + "-4", "sh", "-c", "kill -TERM $$")) {
            assertThat(ours.exitCode()).isEqualTo(7);
            assertThat(theirs.exitCode()).isEqualTo(old ? 1 : 7);
            assertThat(killed.exitCode()).isEqualTo(128 + 15);
            assertThat(theirsKilled.exitCode()).isEqualTo(old ? 1 : 255);
        }
    }

    @Test
    void aLostLockEndsOurCommandAndGoesUnnoticedThere() throws java.io.IOException {
        Path told = setting.file("told");
        try (Program theirs = etcdctl("locks/" + name, "sh", "-c", UNTIL_TOLD.formatted(told))) {
            theirs.awaitIn(told, "\n");
            etcd.etcdctl("del", "--prefix", "locks/" + name + "/");
            Path held = setting.file("held");
            try (Program ours = setting.holdfast(
                    "run", "--ttl", "5s", name, "--", "sh", "-c", "echo in > " + held + "; exec sleep 60")) {
                ours.awaitIn(held, "in");
                assertThat(theirs.running()).as("two hold it").isTrue();
                etcd.etcdctl("del", "--prefix", "locks/" + name + "/");
                assertThat(ours.exitCode()).isEqualTo(76);
            }
            assertThat(theirs.running()).isTrue();
            java.nio.file.Files.createFile(directory.resolve("told.go"));
            assertThat(theirs.exitCode()).isZero();
            assertThat(Program.read(told)).endsWith("over\n");
        }
    }

    @Test
    void sigtermReachesOurCommandAndIsSwallowedThere() throws java.io.IOException {
        Path ours = setting.file("ours");
        Path theirs = setting.file("theirs");
        try (Program run = setting.holdfast("run", name, "--", "sh", "-c", UNTIL_TOLD.formatted(ours));
                Program etcdctl = etcdctl(name + "-2", "sh", "-c", UNTIL_TOLD.formatted(theirs))) {
            run.awaitIn(ours, "\n");
            etcdctl.awaitIn(theirs, "\n");
            run.signal("TERM");
            etcdctl.signal("TERM");
            assertThat(run.exitCode()).isEqualTo(128 + 15);
            assertThat(etcdctl.running()).isTrue();
            java.nio.file.Files.createFile(directory.resolve("theirs.go"));
            etcdctl.exitCode();
            assertThat(Program.read(theirs)).endsWith("over\n");
        }
    }

    @Test
    void theCommandOfAKilledWrapperEndsHereAndGoesOnThere() throws java.io.IOException {
        Path ours = setting.file("ours");
        Path theirs = setting.file("theirs");
        try (Program run = setting.holdfast("run", name, "--", "sh", "-c", UNTIL_TOLD.formatted(ours));
                Program etcdctl = etcdctl(name + "-2", "sh", "-c", UNTIL_TOLD.formatted(theirs))) {
            run.awaitIn(ours, "\n");
            etcdctl.awaitIn(theirs, "\n");
            long ourCommand = Long.parseLong(Program.read(ours).strip());
            long theirCommand = Long.parseLong(Program.read(theirs).strip());
            run.signal("KILL");
            etcdctl.signal("KILL");
            assertThat(etcdctl.exitCode()).isEqualTo(128 + 9);
            await().until(() -> !Program.exists(ourCommand));
            assertThat(Program.exists(theirCommand)).isTrue();
            java.nio.file.Files.createFile(directory.resolve("theirs.go"));
            await().until(() -> Program.read(theirs).endsWith("over\n"));
        }
    }

    @Test
    void ourLeaseEndsWithTheCommandAndTheirsIsLeftBehind() {
        List<String> before = leases();
        try (Program ours = setting.holdfast("run", name, "--", "true")) {
            assertThat(ours.exitCode()).isZero();
        }
        assertThat(before).containsAll(leases());
        try (Program theirs = etcdctl(name, "true")) {
            assertThat(theirs.exitCode()).isZero();
        }
        assertThat(leases().stream().filter(each -> !before.contains(each))).hasSize(1);
        assertThat(etcd.etcdctl("get", "--prefix", "--keys-only", name)).isBlank();
    }

    private Program etcdctl(String key, String... command) {
        List<String> line = Stream.concat(Stream.of("etcdctl", "lock", "--ttl=60", key, "--"), Stream.of(command))
                .toList();
        return setting.start(Redirect.from(Path.of("/dev/null").toFile()), line);
    }
}
