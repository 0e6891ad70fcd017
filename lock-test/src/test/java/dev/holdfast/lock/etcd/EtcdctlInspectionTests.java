package dev.holdfast.lock.etcd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.lock.LeaderElection;
import dev.holdfast.lock.Leadership;
import dev.holdfast.lock.LockEntry;
import dev.holdfast.lock.LockEntry.Role;
import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.LockOptions;
import dev.holdfast.lock.LockPage.Usage;
import dev.holdfast.lock.LockQueue;
import dev.holdfast.lock.LockRegistry;
import dev.holdfast.lock.test.EtcdServer;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** How {@code etcdctl lock} and {@code etcdctl elect} look among ours, and how they are removed. */
class EtcdctlInspectionTests {

    private static final Duration SOON = Duration.ofSeconds(20);
    private static final Duration LONG = Duration.ofSeconds(60);

    private final List<Process> programs = new ArrayList<>();
    private EtcdServer etcd;
    private LockRegistry registry;

    @BeforeEach
    void open() {
        etcd = EtcdServer.start();
        registry = TestStores.registry(
                List.of(etcd.endpoint()), "locks/", LockOptions.defaults().withTtl(Duration.ofSeconds(5)), List.of());
    }

    @AfterEach
    void close() {
        programs.forEach(Process::destroyForcibly);
        registry.close();
        etcd.close();
    }

    @Test
    void aLockOfTheirsHasNoOwnerAndCanBeRemoved() throws Exception {
        etcdctl("lock", "locks/report");
        awaitEntries("report", 1);
        CompletableFuture<Optional<LockHandle>> ours = registry.lock("report").tryAcquireAsync(LONG);
        awaitEntries("report", 2);

        LockQueue queue = registry.inspection().queue("report");
        LockEntry theirs = queue.holders().get(0);
        assertThat(theirs.owner()).isNull();
        assertThat(theirs.value()).isEmpty();
        assertThat(theirs.kind()).isEqualTo(LockEntry.Kind.EXCLUSIVE);
        assertThat(theirs.lease()).isNotEmpty();
        assertThat(theirs.key()).isEqualTo("locks/report/" + theirs.lease());
        assertThat(theirs.remaining()).isBetween(Duration.ofSeconds(5), LONG);
        assertThat(theirs.own()).isFalse();
        assertThat(queue.waiters()).extracting(LockEntry::own).containsExactly(true);

        assertThat(registry.inspection().release("report", theirs.createRevision()))
                .isPresent();
        assertThat(ours.get(20, TimeUnit.SECONDS)).hasValueSatisfying(LockHandle::release);
    }

    @Test
    void behindPermitsItWaits() throws Exception {
        LockHandle permit = registry.semaphore("pool", 5).acquire();
        etcdctl("lock", "locks/pool");
        awaitEntries("pool", 2);

        assertThat(registry.inspection().queue("pool").entries())
                .extracting(LockEntry::role)
                .containsExactly(Role.HOLDER, Role.WAITER);
        permit.release();
    }

    @Test
    void aCandidateOfTheirsShowsWhatItSays() throws Exception {
        LeaderElection election = registry.election("chair");
        Leadership ours = election.campaign("ours");
        etcdctl("elect", "locks/chair", "theirs");
        awaitEntries("chair", 2);

        LockQueue queue = registry.inspection().queue("chair");
        assertThat(queue.holders()).extracting(LockEntry::value).containsExactly("ours");
        assertThat(queue.waiters()).extracting(LockEntry::value).containsExactly("theirs");
        assertThat(queue.entries()).extracting(LockEntry::own).containsExactly(true, false);
        assertThat(registry.inspection().list("", 10).names())
                .containsExactly(new Usage("chair", LockEntry.Kind.EXCLUSIVE, 1, 1, 1));
        ours.release();
    }

    private void awaitEntries(String name, int count) {
        await().atMost(SOON)
                .until(() -> registry.inspection().queue(name).entries().size() == count);
    }

    private void etcdctl(String... args) throws IOException {
        programs.add(etcd.etcdctlProcess(args)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start());
    }
}
