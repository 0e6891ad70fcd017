package dev.holdfast.lock.cli;

import static dev.holdfast.lock.cli.Program.await;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** {@code holdfast list}, {@code show} and {@code release}. */
class InspectProcessTests extends ProcessesOnEtcd {

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
                    JsonObject first = shown.getAsJsonArray("holders").get(0).getAsJsonObject();
                    assertThat(first.getAsJsonObject("owner").get("pid").getAsLong())
                            .isEqualTo(holder.pid());
                    assertThat(first.get("createRevision").getAsString())
                            .isEqualTo(Program.read(held).strip());
                    assertThat(first.getAsJsonObject("metadata").get("label").getAsString())
                            .isEqualTo("nightly run");
                    assertThat(first.get("remainingMillis").getAsLong()).isBetween(0L, 10_000L);
                    JsonArray waiters = shown.getAsJsonArray("waiters");
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
        Path held = setting.file("held");
        String[] hold = {"run", "--ttl", "5s", name, "--", "sh", "-c", "echo in > " + held + "; exec sleep 60"};
        try (Program holder = setting.holdfast(hold)) {
            holder.awaitIn(held, "in");
            try (Program unasked = setting.holdfast("release", name);
                    Program next = setting.holdfast("run", name, "--", "echo", "ran")) {
                assertThat(unasked.exitCode()).isEqualTo(64);
                assertThat(unasked.err()).hasLineCount(1).contains("--yes");
                assertThat(holder.running()).isTrue();
                try (Program release = setting.holdfast("release", "--yes", "--json", name)) {
                    assertThat(release.exitCode()).isZero();
                    assertThat(JsonParser.parseString(release.out())
                                    .getAsJsonObject()
                                    .get("released")
                                    .getAsBoolean())
                            .isTrue();
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

    private JsonObject json(String... args) {
        try (Program program = setting.holdfast(args)) {
            assertThat(program.exitCode()).as("%s", program).isZero();
            return JsonParser.parseString(program.out()).getAsJsonObject();
        }
    }
}
