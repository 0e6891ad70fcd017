package dev.holdfast.lock.cli;

import static dev.holdfast.lock.cli.Program.await;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.holdfast.lock.test.TcpLink;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** {@code holdfast elect}, together with {@code etcdctl elect}. */
class ElectProcessTests extends ProcessesOnEtcd {

    @Test
    void candidatesLeadInTurnAndWatchersSeeThem() {
        try (Program watcher = setting.holdfast("elect", "--watch", name);
                Program first = setting.holdfast("elect", "--json", name, "first")) {
            await().until(() -> first.out().contains("\n"));
            JsonObject elected = JsonParser.parseString(first.out()).getAsJsonObject();
            assertThat(elected.keySet()).containsExactly("event", "name", "value", "term");
            assertThat(elected.get("event").getAsString()).isEqualTo("elected");
            assertThat(elected.get("value").getAsString()).isEqualTo("first");
            long term = elected.get("term").getAsLong();
            assertThat(term).isPositive();
            await().until(() -> watcher.out().contains("leader first, term " + term));

            List<String> command = List.of("etcdctl", "elect", "locks/" + name, "second");
            try (Program second =
                            setting.start(Redirect.from(Path.of("/dev/null").toFile()), command);
                    Program impatient = setting.holdfast("elect", "--wait", "200ms", name, "third")) {
                assertThat(impatient.exitCode()).isEqualTo(75);
                assertThat(impatient.out()).isEmpty();
                assertThat(impatient.err()).hasLineCount(1);
                await().until(() -> keys().size() == 2);

                first.signal("TERM");
                assertThat(first.exitCode()).isEqualTo(128 + 15);
                await().until(() -> second.out().contains("second"));
                await().until(() -> watcher.out().contains("leader second"));
            }
            watcher.signal("INT");
            assertThat(watcher.exitCode()).isEqualTo(128 + 2);
        }
    }

    @Test
    void aCandidateWhoWaitsAndIsCutOffIsToldOfEtcd() {
        try (TcpLink link = TcpLink.to(etcd.endpoint());
                Program leader = setting.holdfast("elect", name, "first")) {
            await().until(() -> leader.out().startsWith("elected first"));
            try (Program candidate =
                    setting.holdfast("elect", "--endpoints", link.endpoint(), "--ttl", "5s", name, "second")) {
                await().until(() -> keys().size() == 2);
                link.refuse();
                assertThat(candidate.exitCode()).as("%s", candidate).isEqualTo(69);
                assertThat(candidate.out()).isEmpty();
                assertThat(candidate.err()).hasLineCount(1).contains("the place in the queue was lost");
            }
        }
    }

    @Test
    void aLeaderWhoIsCutOffEndsWithoutWaitingForEtcd() {
        try (TcpLink link = TcpLink.to(etcd.endpoint());
                Program leader =
                        setting.holdfast("elect", "--endpoints", link.endpoint(), "--ttl", "5s", name, "first")) {
            await().until(() -> leader.out().startsWith("elected first"));
            try (Program candidate = setting.holdfast("elect", name, "second")) {
                await().until(() -> keys().size() == 2);
                link.refuse();
                assertThat(leader.exitCode()).as("%s", leader).isEqualTo(76);
                assertThat(leader.out().lines()).hasSize(2).last().asString().startsWith("lost first");
                assertThat(leader.err()).hasLineCount(1).contains("leadership of '" + name + "' is lost");
                await().until(() -> candidate.out().startsWith("elected second"));
            }
        }
    }

    @Test
    void lostLeadershipIsTold() {
        try (Program leader = setting.holdfast("elect", "--ttl", "5s", name, "me")) {
            await().until(() -> leader.out().startsWith("elected me"));
            etcd.etcdctl("del", "--prefix", "locks/" + name + "/");
            assertThat(leader.exitCode()).isEqualTo(76);
            assertThat(leader.out().lines()).hasSize(2).last().asString().startsWith("lost me");
        }
    }
}
