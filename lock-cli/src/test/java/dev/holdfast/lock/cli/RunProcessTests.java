package dev.holdfast.lock.cli;

import static dev.holdfast.lock.cli.Program.await;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** {@code holdfast run} on a real etcd, beside {@code etcdctl lock} where that has the feature. */
class RunProcessTests extends ProcessesOnEtcd {

    /** Says that it runs, and after it was told to go on that it ends. */
    private static final String UNTIL_TOLD =
            "echo in > %1$s; while [ ! -e %1$s.go ]; do sleep 0.05; done; echo out >> %1$s";

    @Test
    void streamsAndExitCodeAreThoseOfTheCommand() {
        try (Program run = setting.holdfast("run", name, "--", "sh", "-c", "echo out; echo err >&2; exit 7")) {
            assertThat(run.exitCode()).isEqualTo(7);
            assertThat(run.out()).isEqualTo("out\n");
            assertThat(run.err()).isEqualTo("err\n");
        }
    }

    @Test
    void aCommandEndedByASignalGives128AndItsNumber() {
        try (Program run = setting.holdfast("run", name, "--", "sh", "-c", "kill -KILL $$")) {
            assertThat(run.exitCode()).isEqualTo(128 + 9);
        }
    }

    @Test
    void aCommandWithoutSeparatorIsTakenAsEtcdctlTakesIt() {
        try (Program run = setting.holdfast("run", "--ttl", "10", name, "echo", "a b");
                Program etcdctl = etcdctl("lock", "--ttl", "10", "locks/" + name + "-2", "echo", "a b")) {
            assertThat(run.exitCode()).isZero();
            assertThat(run.out()).isEqualTo("a b\n");
            assertThat(etcdctl.exitCode()).isZero();
            assertThat(etcdctl.out()).isEqualTo("a b\n");
        }
    }

    @Test
    void standardInputReachesTheCommandUnlessItIsNotWanted() throws IOException {
        Path input = Files.writeString(setting.file("input"), "hello\n");
        Redirect stdin = Redirect.from(input.toFile());
        try (Program passed = setting.holdfast(stdin, "run", name, "--", "cat");
                Program kept = setting.holdfast(stdin, "run", "--no-stdin", name + "-2", "--", "cat");
                Program etcdctl = setting.start(stdin, List.of("etcdctl", "lock", name + "-3", "cat"))) {
            assertThat(passed.exitCode()).isZero();
            assertThat(passed.out()).isEqualTo("hello\n");
            assertThat(kept.exitCode()).isZero();
            assertThat(kept.out()).isEmpty();
            assertThat(etcdctl.exitCode()).isZero();
            assertThat(etcdctl.out()).as("what etcdctl does").isEmpty();
        }
    }

    @Test
    void theCommandFindsItsKeyInEtcdAndItsTokenIsTheKeysRevision() {
        String script = "echo $HOLDFAST_LOCK_KEY $HOLDFAST_LOCK_TOKEN $ETCD_LOCK_KEY $ETCD_LOCK_REV $CONSUL_LOCK_HELD;"
                + " etcdctl get -w fields \"$ETCD_LOCK_KEY\"";
        try (Program run = setting.holdfast("run", name + "/%", "--", "sh", "-c", script)) {
            assertThat(run.exitCode()).isZero();
            List<String> lines = run.out().lines().toList();
            String[] variables = lines.get(0).split(" ");
            assertThat(variables[0]).startsWith("locks/" + name + "%2F%25/").isEqualTo(variables[2]);
            assertThat(variables[1]).isEqualTo(variables[3]);
            assertThat(variables[4]).isEqualTo("true");
            assertThat(lines).contains("\"Key\" : \"" + variables[0] + "\"", "\"CreateRevision\" : " + variables[1]);
        }
    }

    @Test
    void aCommandThatWaitedFindsItsKeyAndHasTheGreaterToken() {
        Path held = setting.file("held");
        String script = "echo $HOLDFAST_LOCK_TOKEN; etcdctl get -w fields \"$HOLDFAST_LOCK_KEY\"";
        try (Program first = setting.holdfast(
                "run", name, "--", "sh", "-c", "echo $HOLDFAST_LOCK_TOKEN > " + held + "; exec sleep 60")) {
            first.awaitIn(held, "\n");
            try (Program second = setting.holdfast("run", name, "--", "sh", "-c", script)) {
                await().until(() -> keys().size() == 2);
                first.signal("TERM");
                assertThat(second.exitCode()).as("%s", second).isZero();
                List<String> lines = second.out().lines().toList();
                long token = Long.parseLong(lines.get(0));
                assertThat(token)
                        .isGreaterThan(Long.parseLong(Program.read(held).strip()));
                long created = lines.stream()
                        .filter(line -> line.startsWith("\"CreateRevision\" : "))
                        .mapToLong(line -> Long.parseLong(line.substring(line.lastIndexOf(' ') + 1)))
                        .findFirst()
                        .orElseThrow();
                assertThat(token).as("it came later than its key").isGreaterThan(created);
            }
        }
    }

    @Test
    void aNestedCommandSeesTheInnerLock() {
        String inner = name + "-inner";
        try (Program run = setting.holdfast(
                "run",
                name,
                "--",
                Program.launcher(),
                "run",
                inner,
                "--",
                "sh",
                "-c",
                "echo $ETCD_LOCK_KEY $HOLDFAST_LOCK_KEY")) {
            assertThat(run.exitCode()).isZero();
            assertThat(run.out().split(" ")).allMatch(key -> key.startsWith("locks/" + inner + "/"));
        }
    }

    @Test
    void aLineOfShellRunsInAShell() {
        try (Program run = setting.holdfast("run", "--shell", name, "--", "echo a; echo b | tr b c; exit 3")) {
            assertThat(run.exitCode()).isEqualTo(3);
            assertThat(run.out()).isEqualTo("a\nc\n");
        }
    }

    @Test
    void weAndEtcdctlExcludeEachOther() throws IOException {
        Path first = setting.file("first");
        try (Program etcdctl = etcdctl("lock", "locks/" + name, "--", "sh", "-c", UNTIL_TOLD.formatted(first))) {
            etcdctl.awaitIn(first, "in");
            try (Program tried = setting.holdfast("run", "--try", name, "--", "echo", "ran");
                    Program waited = setting.holdfast("run", name, "--", "cat", first.toString())) {
                assertThat(tried.exitCode()).isEqualTo(75);
                assertThat(tried.out()).isEmpty();
                assertThat(tried.err()).hasLineCount(1).contains("'" + name + "' is busy");
                await().until(() -> keys().size() == 2);
                Files.createFile(setting.file("first.go"));
                assertThat(waited.exitCode()).isZero();
                assertThat(waited.out()).isEqualTo("in\nout\n");
            }
        }
        Path second = setting.file("second");
        try (Program run = setting.holdfast("run", name, "--", "sh", "-c", UNTIL_TOLD.formatted(second))) {
            run.awaitIn(second, "in");
            try (Program etcdctl = etcdctl("lock", "locks/" + name, "cat", second.toString())) {
                await().until(() -> keys().size() == 2);
                Files.createFile(setting.file("second.go"));
                assertThat(etcdctl.exitCode()).isZero();
                assertThat(etcdctl.out()).isEqualTo("in\nout\n");
            }
        }
    }

    @Test
    void aWaitThatEndsLeavesNothingBehind() {
        try (Program holder = holding()) {
            try (Program waited = setting.holdfast("run", "--wait", "500ms", name, "--", "echo", "ran")) {
                assertThat(waited.exitCode()).isEqualTo(75);
                assertThat(waited.out()).isEmpty();
            }
            assertThat(keys()).hasSize(1);
            holder.signal("TERM");
            assertThat(holder.exitCode()).isEqualTo(128 + 15);
        }
        assertThat(keys()).isEmpty();
    }

    @Test
    void neitherKeyNorLeaseOutlivesTheCommand() {
        List<String> before = leases();
        try (Program run = setting.holdfast("run", name, "--", "true")) {
            assertThat(run.exitCode()).isZero();
        }
        assertThat(keys()).isEmpty();
        assertThat(before).containsAll(leases());
    }

    @Test
    void contendersWithAnotherNumberOfPermitsAreRefused() {
        try (Program holder = holding("-n", "3")) {
            try (Program four = setting.holdfast("run", "-n", "4", name, "--", "echo", "ran");
                    Program one = setting.holdfast("run", name, "--", "echo", "ran");
                    Program three = setting.holdfast("run", "-n3", "--try", name, "--", "echo", "ran")) {
                assertThat(four.exitCode()).isEqualTo(70);
                assertThat(four.err()).hasLineCount(1).contains(name, "4", "3");
                assertThat(four.out()).isEmpty();
                assertThat(one.exitCode()).isEqualTo(70);
                assertThat(three.exitCode()).isZero();
                assertThat(three.out()).isEqualTo("ran\n");
            }
            assertThat(holder.running()).isTrue();
        }
    }

    // Thirty JVMs start at once, each with a second or two of a processor.
    @Test
    @Timeout(180)
    void ofThirtyWrappersWithThreePermitsNeverMoreThanThreeRun() throws IOException {
        Path slots = Files.createDirectory(setting.file("slots"));
        Path counts = Files.createFile(setting.file("counts"));
        // Who counts sees itself and whoever else is in. With a TTL for thirty JVMs on few cores.
        String script = "touch " + slots + "/$$; ls " + slots + " | wc -l >> " + counts + "; sleep 0.2; ls " + slots
                + " | wc -l >> " + counts + "; rm " + slots + "/$$";
        List<Program> wrappers = Stream.generate(() -> setting.holdfast(
                        "run", "-n", "3", "--timeout", "40s", "--ttl", "60s", name, "--", "sh", "-c", script))
                .limit(30)
                .toList();
        assertThat(wrappers)
                .allSatisfy(each -> assertThat(each.exitCode()).as("%s", each).isZero());
        List<Integer> seen = Files.readAllLines(counts).stream()
                .map(line -> Integer.parseInt(line.strip()))
                .toList();
        assertThat(seen).hasSize(60).allMatch(count -> count >= 1 && count <= 3);
    }

    private Program etcdctl(String... args) {
        List<String> command =
                Stream.concat(Stream.of("etcdctl"), Stream.of(args)).toList();
        return setting.start(Redirect.from(Path.of("/dev/null").toFile()), command);
    }
}
