package dev.holdfast.lock.cli;

import static dev.holdfast.lock.cli.Program.await;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** {@code holdfast list}, {@code show} and {@code release}. */
class InspectProcessTests extends ProcessesOnEtcd {

    private static final String[] OWN_FIELDS = {
        "createRevision", "kind", "permits", "owner", "foreign", "since", "metadata", "lease", "remainingMillis", "key"
    };

    private static final String[] FOREIGN_FIELDS = {
        "createRevision", "kind", "permits", "foreign", "metadata", "lease", "remainingMillis", "key"
    };

    @Test
    void holdersAndWaitersOfAllProgramsAreShownInTheirOrder() {
        Path held = setting.file("held");
        String[] hold = {
            "run",
            "--label",
            "nightly run",
            name,
            "--",
            "sh",
            "-c",
            "echo $HOLDFAST_LOCK_TOKEN > " + held + "; exec sleep 60"
        };
        List<String> foreign = List.of("etcdctl", "lock", "locks/" + name, "true");
        try (Program holder = setting.holdfast(hold)) {
            holder.awaitIn(held, "\n");
            try (Program etcdctl =
                    setting.start(Redirect.from(Path.of("/dev/null").toFile()), foreign)) {
                await().until(() -> keys().size() == 2);
                try (Program waiter = setting.holdfast("run", name, "--", "true")) {
                    await().until(() -> keys().size() == 3);
                    assertThat(etcdctl.running()).isTrue();
                    JsonObject shown = json("show", "--json", name);
                    assertThat(shown.keySet()).containsExactly("name", "holders", "waiters");
                    JsonObject first = shown.getAsJsonArray("holders").get(0).getAsJsonObject();
                    assertThat(first.keySet()).containsExactly(OWN_FIELDS);
                    assertThat(first.getAsJsonObject("owner").keySet())
                            .containsExactly("application", "host", "pid", "thread");
                    assertThat(first.getAsJsonObject("owner").get("pid").getAsLong())
                            .isEqualTo(holder.pid());
                    assertThat(first.get("createRevision").getAsString())
                            .isEqualTo(Program.read(held).strip());
                    assertThat(first.getAsJsonObject("metadata").get("label").getAsString())
                            .isEqualTo("nightly run");
                    assertThat(first.get("remainingMillis").getAsLong()).isBetween(0L, 10_000L);
                    JsonArray waiters = shown.getAsJsonArray("waiters");
                    assertThat(waiters.get(0).getAsJsonObject().keySet()).containsExactly(FOREIGN_FIELDS);
                    assertThat(waiters.get(0).getAsJsonObject().get("foreign").getAsBoolean())
                            .isTrue();
                    assertThat(waiters.get(1)
                                    .getAsJsonObject()
                                    .getAsJsonObject("owner")
                                    .get("pid")
                                    .getAsLong())
                            .isEqualTo(waiter.pid());

                    try (Program table = setting.holdfast("show", name)) {
                        assertThat(table.exitCode()).isZero();
                        List<String> lines = table.out().lines().toList();
                        assertThat(lines).hasSize(4);
                        assertThat(lines.get(0)).startsWith("ROLE");
                        assertThat(lines.get(1))
                                .startsWith("holder")
                                .contains("sh (nightly run)", " " + holder.pid() + " ");
                        assertThat(lines.get(2)).startsWith("waiter").contains("another program");
                        assertThat(lines.get(3)).startsWith("waiter").contains(" " + waiter.pid() + " ");
                    }
                    JsonObject listed = json("list", "--json", "--owners", name)
                            .getAsJsonArray("names")
                            .get(0)
                            .getAsJsonObject();
                    assertThat(listed.keySet())
                            .containsExactly("name", "kind", "permits", "holders", "waiters", "heldBy");
                    assertThat(listed.get("name").getAsString()).isEqualTo(name);
                    assertThat(listed.get("holders").getAsInt()).isEqualTo(1);
                    assertThat(listed.get("waiters").getAsInt()).isEqualTo(2);
                    assertThat(listed.getAsJsonArray("heldBy").get(0).getAsString())
                            .contains("process " + holder.pid());
                }
            }
        }
    }

    @Test
    void aForcedReleaseWantsConsentAndLetsTheNextIn() {
        try (Program holder = holding("--ttl", "10s")) {
            try (Program unasked = setting.holdfast("release", name);
                    Program next = setting.holdfast("run", name, "--", "echo", "ran")) {
                assertThat(unasked.exitCode()).isEqualTo(64);
                assertThat(unasked.err()).hasLineCount(1).contains("--yes");
                assertThat(holder.running()).isTrue();
                try (Program release = setting.holdfast("release", "--yes", "--json", name)) {
                    assertThat(release.exitCode()).isZero();
                    JsonObject released = JsonParser.parseString(release.out()).getAsJsonObject();
                    assertThat(released.keySet()).containsExactly("name", "released", "entry");
                    assertThat(released.get("released").getAsBoolean()).isTrue();
                    assertThat(released.getAsJsonObject("entry").keySet())
                            .as("all that is known of what is gone")
                            .containsExactly(Stream.of(OWN_FIELDS)
                                    .filter(field -> !field.equals("remainingMillis"))
                                    .toArray(String[]::new));
                }
                assertThat(next.exitCode()).isZero();
                assertThat(holder.exitCode()).isEqualTo(76);
            }
        }
        try (Program nothing = setting.holdfast("release", "--yes", name);
                Program show = setting.holdfast("show", name)) {
            assertThat(nothing.exitCode()).isZero();
            assertThat(nothing.out()).isEqualTo("nobody holds '" + name + "'\n");
            assertThat(show.out()).contains("nobody holds");
        }
    }

    @Test
    void aReleaseAsksAtATerminalAndTakesOnlyYesForConsent() {
        try (Program holder = holding("--ttl", "10s")) {
            for (String no : List.of("n\n", "\n", "yesterday\n", "\u0004")) {
                try (Program release = setting.holdfastAtTerminal("release " + name)) {
                    answer(release, no);
                    assertThat(release.exitCode()).as("%s", release).isEqualTo(75);
                    assertThat(release.out()).contains("process " + holder.pid(), "nothing was released");
                    assertThat(keys()).hasSize(1);
                }
            }
            try (Program unseen = setting.holdfastAtTerminal("release " + name + " 2> /dev/null")) {
                assertThat(unseen.exitCode()).as("%s", unseen).isEqualTo(64);
            }
            assertThat(holder.running()).isTrue();
            try (Program release = setting.holdfastAtTerminal("release " + name)) {
                answer(release, "Yes\n");
                assertThat(release.exitCode()).as("%s", release).isZero();
                assertThat(release.out()).contains("released: holder");
            }
            assertThat(holder.exitCode()).isEqualTo(76);
        }
    }

    @Test
    void aWaiterIsRemovedByItsRevision() {
        try (Program holder = holding()) {
            try (Program waiter = setting.holdfast("run", name, "--", "echo", "ran")) {
                await().until(() -> keys().size() == 2);
                String revision = json("show", "--json", name)
                        .getAsJsonArray("waiters")
                        .get(0)
                        .getAsJsonObject()
                        .get("createRevision")
                        .getAsString();
                try (Program release = setting.holdfast("release", "--yes", "--revision", revision, name)) {
                    assertThat(release.exitCode()).isZero();
                    assertThat(release.out()).startsWith("released: waiter").contains("process " + waiter.pid());
                }
                assertThat(waiter.exitCode()).as("%s", waiter).isEqualTo(75);
                assertThat(waiter.out()).isEmpty();
                assertThat(holder.running()).isTrue();
                try (Program again = setting.holdfast("release", "--yes", "--revision", revision, name)) {
                    assertThat(again.exitCode()).isZero();
                    assertThat(again.out()).isEqualTo("nobody holds '" + name + "' with revision " + revision + "\n");
                }
            }
        }
    }

    private static void answer(Program release, String text) {
        release.awaitInOutput("[y/N]");
        release.type(text);
    }

    private JsonObject json(String... args) {
        try (Program program = setting.holdfast(args)) {
            assertThat(program.exitCode()).as("%s", program).isZero();
            return JsonParser.parseString(program.out()).getAsJsonObject();
        }
    }
}
