package dev.holdfast.lock.etcd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.LockLoss;
import dev.holdfast.lock.LockOptions;
import dev.holdfast.lock.LockRegistry;
import dev.holdfast.lock.store.Compare;
import dev.holdfast.lock.store.KeyRange;
import dev.holdfast.lock.store.LockStore;
import dev.holdfast.lock.store.Op;
import dev.holdfast.lock.store.Txn;
import dev.holdfast.lock.test.EtcdCluster;
import dev.holdfast.lock.test.EtcdServer;
import dev.holdfast.lock.test.EtcdVersions;
import dev.holdfast.lock.test.EtcdVersions.EtcdVersion;
import dev.holdfast.lock.test.WatchRecorder;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The disk of the leader of three stalls for longer than a lease lives. Before 3.4.31 and 3.5.13 the old leader, once its disk is back,
 * revokes leases that others renewed meanwhile (etcd's issue 15247); no client can prevent that, and the token is for that.
 */
@Tag("versions")
@Tag("faults")
class EtcdStalledDiskTests {

    private static final Duration TTL = Duration.ofSeconds(5);
    private static final Duration STALL = Duration.ofSeconds(16);
    private static final Duration TIMEOUT = Duration.ofSeconds(3);

    /** A renewal period, after which an audit is due, and time for its answers on a busy machine. */
    private static final Duration AUDIT = TTL.dividedBy(6).plus(Duration.ofSeconds(2));

    static Stream<EtcdVersion> correctVersions() {
        return EtcdVersions.all().stream().filter(version -> !VersionCheck.revokesLiveLeases(version.toString()));
    }

    @ParameterizedTest
    @MethodSource("correctVersions")
    void aStalledDiskOfTheLeaderCostsNoLock(EtcdVersion version) {
        try (Rig rig = new Rig(version, EtcdCluster::endpoints)) {
            for (int i = 0; i < 2; i++) {
                rig.stallTheLeader();
                await().during(TTL.multipliedBy(2)).atMost(TTL.multipliedBy(3)).until(rig.holder::isHeld);
            }

            assertThat(rig.deletes()).isZero();
            assertThat(rig.waiter).isNotDone();
            assertThat(rig.resource.write(rig.holder.fencingToken())).isTrue();
            assertThat(rig.guardedWrite()).isTrue();
        }
    }

    @Test
    void anOldVersionTakesALiveLeaseAwayWhichIsToldSoonAndTheTokenRefusesTheOldHolder() throws Exception {
        try (Rig rig = new Rig(EtcdVersions.old(), Rig::followers)) {
            assertThat(rig.resource.write(rig.holder.fencingToken())).isTrue();
            assertThat(rig.guardedWrite()).isTrue();

            rig.stallTheLeader();

            await().atMost(TTL.multipliedBy(2)).until(() -> rig.deletes() > 0);
            assertThat(rig.holder.lost().toCompletableFuture()).succeedsWithin(AUDIT);
            assertThat(rig.holder.loss().orElseThrow().reason())
                    .isIn(LockLoss.Reason.LEASE_GONE, LockLoss.Reason.KEY_DELETED);
            assertThat(rig.holder.isHeld()).isFalse();

            // Whoever waited may have lost its lease in the same way.
            LockHandle next = rig.second.lock("seat").acquire();
            assertThat(next.fencingToken()).isGreaterThan(rig.holder.fencingToken());
            assertThat(rig.resource.write(next.fencingToken())).isTrue();
            assertThat(rig.resource.write(rig.holder.fencingToken()))
                    .as("a write of the old holder, late")
                    .isFalse();
            assertThat(rig.guardedWrite())
                    .as("a guarded write of the old holder")
                    .isFalse();
        }
    }

    @ParameterizedTest
    @MethodSource("correctVersions")
    void aHolderThatReachesOnlyTheStalledLeaderIsToldBeforeAnotherHolds(EtcdVersion version) {
        try (Rig rig = new Rig(version, Rig::leader)) {
            assertThat(rig.heldTwice()).isFalse();
        }
    }

    /** That leader renews leases from memory which the others have long ended. Also shows that this test can see two holders. */
    @Test
    void anOldVersionLetsTwoHoldIfOneReachesOnlyTheStalledLeaderAndTheTokenRefusesTheOldHolder() {
        try (Rig rig = new Rig(EtcdVersions.old(), Rig::leader)) {
            assertThat(rig.resource.write(rig.holder.fencingToken())).isTrue();

            assertThat(rig.heldTwice()).isTrue();

            LockHandle next = rig.waiter.join().orElseThrow();
            assertThat(rig.resource.write(next.fencingToken())).isTrue();
            assertThat(rig.resource.write(rig.holder.fencingToken())).isFalse();
            assertThat(rig.guardedWrite()).isFalse();
            assertThat(rig.holder.lost().toCompletableFuture())
                    .as("told when the disk is back")
                    .succeedsWithin(AUDIT.plus(TTL));
        }
    }

    /** One holds, one waits, and a third looks at the holder's entry. */
    private static final class Rig implements AutoCloseable {

        private final EtcdCluster etcd;
        private final LockRegistry first;
        private final LockRegistry second;
        private final LockStore observer;
        private final LockHandle holder;
        private final CompletableFuture<Optional<LockHandle>> waiter;
        private final String entry;
        private final WatchRecorder watched = new WatchRecorder();
        private final FencedResource resource = new FencedResource();

        /** Whom the holder is connected to; all others are connected to those that do not lead at first. */
        Rig(EtcdVersion version, Function<EtcdCluster, List<String>> holderEndpoints) {
            etcd = EtcdCluster.start(version.server());
            List<String> followers = followers(etcd);
            first = registry(holderEndpoints.apply(etcd));
            second = registry(followers);
            observer = TestStores.connect(followers);
            holder = first.lock("seat").tryAcquire().orElseThrow();
            entry = "locks/seat/" + first.status().sessions().get(0).lease();
            observer.watch(KeyRange.single(entry), watched);
            await().until(() -> watched.readies() == 1);
            waiter = second.lock("seat").tryAcquireAsync(Duration.ofMinutes(5));
            await().until(() -> entries() == 2);
        }

        static List<String> followers(EtcdCluster etcd) {
            return etcd.followers().stream().map(EtcdServer::endpoint).toList();
        }

        static List<String> leader(EtcdCluster etcd) {
            return List.of(etcd.leader().endpoint());
        }

        private static LockRegistry registry(List<String> endpoints) {
            return TestStores.builder(endpoints)
                    .defaults(LockOptions.defaults().withTtl(TTL))
                    .build();
        }

        private int entries() {
            Op.Get all = new Op.Get(KeyRange.prefix("locks/seat/"), Op.Order.OLDEST_FIRST, 0, 0, true);
            return observer.txn(Txn.of(all), TIMEOUT).join().keys(0).keys().size();
        }

        /** Returns when the disk is back; the hold stands until then, since others lead. */
        void stallTheLeader() {
            try (StalledDisk disk = stalledDiskOfTheLeader()) {
                await().during(STALL).atMost(STALL.plusSeconds(2)).until(() -> disk.stalls() && holder.isHeld());
            }
        }

        StalledDisk stalledDiskOfTheLeader() {
            StalledDisk disk = StalledDisk.of(etcd.leader());
            // Something to write down.
            observer.txn(Txn.of(new Op.Put("other", "", 0)), TIMEOUT);
            await().atMost(TIMEOUT).until(disk::stalls);
            return disk;
        }

        /** Whether the holder counts as one at the moment when the lock is granted to the waiter, while the disk stalls. */
        boolean heldTwice() {
            CompletableFuture<Boolean> twice = waiter.thenApply(granted -> holder.isHeld());
            try (StalledDisk disk = stalledDiskOfTheLeader()) {
                assertThat(twice).succeedsWithin(STALL);
                assertThat(disk.stalls()).isTrue();
            }
            return twice.join();
        }

        long deletes() {
            assertThat(watched.breaks()).isEmpty();
            return watched.changes().stream().filter(change -> change.deleted()).count();
        }

        /** A write to etcd that is in order only as long as the first registry's entry is the one it got. */
        boolean guardedWrite() {
            Compare stillThere = Compare.createdAt(entry, holder.fencingToken());
            return observer.txn(new Txn(List.of(stillThere), List.of(new Op.Put("data", "", 0)), List.of()), TIMEOUT)
                    .join()
                    .succeeded();
        }

        @Override
        public void close() {
            first.close();
            second.close();
            observer.close();
            etcd.close();
        }
    }

    /** Accepts no token lower than one it has seen. */
    private static final class FencedResource {

        private long greatest;

        synchronized boolean write(long token) {
            if (token < greatest) {
                return false;
            }
            greatest = token;
            return true;
        }
    }
}
