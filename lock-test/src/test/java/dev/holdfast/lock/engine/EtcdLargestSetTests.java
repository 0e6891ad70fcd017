package dev.holdfast.lock.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.lock.LockOptions;
import dev.holdfast.lock.etcd.TestStores;
import dev.holdfast.lock.store.KeyRange;
import dev.holdfast.lock.store.LockStore;
import dev.holdfast.lock.store.Op;
import dev.holdfast.lock.store.Txn;
import dev.holdfast.lock.store.TxnResult;
import dev.holdfast.lock.test.EtcdServer;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Every transaction of the largest set of names, in both its branches, against the number of operations that etcd takes. */
class EtcdLargestSetTests {

    private static final Duration TIMEOUT = Duration.ofSeconds(5);
    private static final LockKeys KEYS = new LockKeys("locks/", true);
    private static final List<String> NAMES = IntStream.range(0, LockOptions.MAX_NAMES)
            .mapToObj(i -> String.format("seat-%02d", i))
            .toList();
    private static final String VALUE = Kind.EXCLUSIVE.valueStart() + "}";

    private EtcdServer etcd;
    private LockStore store;
    private Protocol first;
    private Protocol second;

    @BeforeEach
    void start() {
        etcd = EtcdServer.start();
        store = TestStores.store(List.of(etcd.endpoint()));
        first = entry(1);
        second = entry(2);
    }

    @AfterEach
    void stop() {
        store.close();
        etcd.close();
    }

    @Test
    void takenIsRefusedToTheNextAndRemoved() {
        TxnResult taken = run(first.take(0, VALUE, 0, false));
        assertThat(first.admitted(taken).in()).isTrue();

        for (boolean all : new boolean[] {false, true}) {
            TxnResult refused = run(second.take(0, VALUE, 0, all));
            assertThat(second.admitted(refused).in()).isFalse();
            assertThat(second.ownEntryFound(refused)).isFalse();
            assertThat(second.outside(second.admitted(refused).queues())).isInstanceOf(Standing.Blocked.class);
        }

        assertThat(run(first.remove(taken.revision())).succeeded()).isTrue();
        assertThat(entries()).isZero();
        assertThat(second.admitted(run(second.take(0, VALUE, taken.revision() + 1, false)))
                        .in())
                .isTrue();
    }

    @Test
    void theSecondInTheQueueSeesTheFirstUntilItGoes() {
        long token = run(first.join(0, VALUE, 0)).revision();
        TxnResult joined = run(second.join(0, VALUE, 0));
        Protocol.Admitted admitted = second.admitted(joined);
        assertThat(admitted.in()).isTrue();
        assertThat(second.standing(admitted.queues(), joined.revision())).isInstanceOf(Standing.Blocked.class);
        assertThat(second.ownEntryFound(run(second.join(0, VALUE, 0)))).isTrue();

        for (boolean all : new boolean[] {false, true}) {
            TxnResult read = run(second.read(joined.revision(), all));
            assertThat(second.own(read, joined.revision())).hasSize(NAMES.size());
            assertThat(second.standing(second.queues(read), joined.revision())).isInstanceOf(Standing.Blocked.class);
        }

        run(first.remove(token));
        TxnResult read = run(second.read(joined.revision(), false));
        assertThat(second.standing(second.queues(read), joined.revision())).isEqualTo(Standing.FREE);
    }

    @Test
    void whatIsLeftOfABrokenSetIsRemoved() {
        long token = run(first.join(0, VALUE, 0)).revision();
        run(Txn.of(new Op.Delete(KeyRange.single(first.entries().get(17)))));

        assertThat(first.own(run(first.readEntry()), token)).hasSize(NAMES.size() - 1);
        assertThat(run(first.move(token, VALUE, lease())).succeeded()).isFalse();
        assertThat(run(first.remove(token)).succeeded()).isFalse();
        assertThat(entries()).isZero();
    }

    @Test
    void rewrittenAndMovedTheEntriesKeepTheirPlace() {
        long token = run(first.join(0, VALUE, 0)).revision();
        assertThat(run(first.rewrite(token, VALUE)).succeeded()).isTrue();
        assertThat(run(first.rewrite(token, VALUE)).succeeded()).isFalse();
        long lease = lease();

        assertThat(run(first.move(token, VALUE, lease)).succeeded()).isTrue();

        assertThat(first.own(run(first.readEntry()), token))
                .hasSize(NAMES.size())
                .allMatch(key -> key.leaseId() == lease);
        store.revoke(lease, TIMEOUT).join();
        assertThat(entries()).isZero();
    }

    @Test
    void anAttemptInDoubtIsMadeHarmless() {
        run(first.join(0, VALUE, 0));

        TxnResult reconciled = run(first.reconcile(0));

        assertThat(reconciled.succeeded()).isTrue();
        assertThat(entries()).isZero();
        TxnResult again = run(first.reconcile(0));
        assertThat(again.succeeded()).isFalse();
        assertThat(Protocol.guardRevision(again)).isEqualTo(reconciled.revision());
        for (TxnResult late : List.of(run(first.join(0, VALUE, 0)), run(first.take(0, VALUE, 0, true)))) {
            assertThat(first.admitted(late).in()).isFalse();
            assertThat(Protocol.guardRevision(late)).isEqualTo(reconciled.revision());
        }
        assertThat(entries()).isZero();
    }

    private Protocol entry(long slot) {
        return Protocol.of(KEYS, Kind.EXCLUSIVE, NAMES, lease(), slot);
    }

    private long lease() {
        return store.grant(Duration.ofMinutes(1), TIMEOUT).join().leaseId();
    }

    private TxnResult run(Txn txn) {
        return store.txn(txn, TIMEOUT).join();
    }

    private int entries() {
        return run(Txn.of(new Op.Get(KeyRange.prefix("locks/seat-"), Op.Order.OLDEST_FIRST, 0, 0, true)))
                .keys(0)
                .keys()
                .size();
    }
}
