package dev.holdfast.lock.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import dev.holdfast.lock.store.Compare;
import dev.holdfast.lock.store.KeyChange;
import dev.holdfast.lock.store.KeyRange;
import dev.holdfast.lock.store.KeyValue;
import dev.holdfast.lock.store.LeaseGrant;
import dev.holdfast.lock.store.LeaseKeys;
import dev.holdfast.lock.store.LockStore;
import dev.holdfast.lock.store.Op;
import dev.holdfast.lock.store.OpResult;
import dev.holdfast.lock.store.StoreException;
import dev.holdfast.lock.store.StoreException.Kind;
import dev.holdfast.lock.store.Txn;
import dev.holdfast.lock.store.TxnResult;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every store must do. A subclass connects to one; it runs in real time, and keeps to keys under {@link #keyPrefix()}. */
public abstract class LockStoreConformanceTests {

    private static final Duration TIMEOUT = Duration.ofSeconds(3);

    /** The shortest TTL etcd grants with its default election timeout. */
    private static final Duration SHORT_TTL = Duration.ofSeconds(2);

    private LockStore store;
    private LockStore other;

    /** Another client of the same store. */
    protected abstract LockStore newStore();

    /** A prefix no other test uses. */
    protected abstract String keyPrefix();

    @BeforeEach
    void open() {
        store = newStore();
        other = newStore();
    }

    @AfterEach
    void close() {
        txn(Txn.of(new Op.Delete(KeyRange.prefix(keyPrefix()))));
        store.close();
        other.close();
    }

    @Test
    void putAndGet() {
        TxnResult put = put("a", "ünïcode ✓");
        assertThat(put.succeeded()).isTrue();
        assertThat(put.results()).containsExactly(new OpResult.Done(0));

        assertThat(get("a")).containsExactly(new KeyValue(key("a"), "ünïcode ✓", put.revision(), put.revision(), 0));
        assertThat(put.clusterId()).isNotZero().isEqualTo(txn(Txn.of()).clusterId());
    }

    @Test
    void aSecondPutKeepsTheCreateRevision() {
        long created = put("a", "1").revision();
        long modified = put("a", "2").revision();

        assertThat(modified).isGreaterThan(created);
        assertThat(get("a")).containsExactly(new KeyValue(key("a"), "2", created, modified, 0));
    }

    @Test
    void aKeyDeletedAndPutAgainIsANewOne() {
        put("a", "1");
        assertThat(txn(Txn.of(new Op.Delete(single("a")))).results()).containsExactly(new OpResult.Done(1));
        assertThat(get("a")).isEmpty();

        long created = put("a", "2").revision();
        assertThat(get("a").get(0).createRevision()).isEqualTo(created);
    }

    @Test
    void onlyWhatWritesRaisesTheRevision() {
        long before = put("a", "1").revision();

        assertThat(txn(Txn.of(Op.Get.key(key("a")))).revision()).isEqualTo(before);
        assertThat(txn(Txn.of(new Op.Delete(single("none")))).revision()).isEqualTo(before);
        assertThat(put("b", "1").revision()).isEqualTo(before + 1);
    }

    @Test
    void everyWriteOfATransactionHasOneRevision() {
        long revision = txn(Txn.of(
                        new Op.Put(key("a"), "1", 0),
                        new Op.Put(key("b"), "2", 0),
                        new Op.Nested(Txn.of(new Op.Put(key("c"), "3", 0)))))
                .revision();

        assertThat(getAll())
                .extracting(KeyValue::createRevision)
                .containsOnly(revision)
                .hasSize(3);
    }

    @Test
    void aReadSeesTheWritesBeforeItInTheTransaction() {
        TxnResult result = txn(Txn.of(new Op.Put(key("a"), "1", 0), Op.Get.key(key("a"))));

        assertThat(result.keys(1).keys()).extracting(KeyValue::value).containsExactly("1");
        assertThat(result.keys(1).keys().get(0).createRevision()).isEqualTo(result.revision());
    }

    @Test
    void conditionsChooseTheBranch() {
        long created = put("a", "1").revision();
        long modified = put("a", "2").revision();

        assertThat(holds(Compare.absent(single("a")))).isFalse();
        assertThat(holds(Compare.absent(single("none")))).isTrue();
        assertThat(holds(Compare.createdAt(key("a"), created))).isTrue();
        assertThat(holds(Compare.createdAt(key("a"), modified))).isFalse();
        assertThat(holds(Compare.createdAt(key("none"), 0))).isTrue();
        assertThat(holds(Compare.modifiedAt(key("a"), modified))).isTrue();
        assertThat(holds(Compare.modifiedAt(key("a"), created))).isFalse();
        assertThat(holds(Compare.modifiedAt(key("none"), 0))).isTrue();
        assertThat(holds(Compare.absent(single("none")), Compare.absent(single("a"))))
                .isFalse();
    }

    @Test
    void theOtherBranchAnswersForItself() {
        put("a", "1");

        TxnResult result = txn(new Txn(
                List.of(Compare.absent(single("a"))),
                List.of(new Op.Put(key("a"), "never", 0)),
                List.of(Op.Get.key(key("a")), new Op.Delete(single("none")))));

        assertThat(result.succeeded()).isFalse();
        assertThat(result.results()).hasSize(2);
        assertThat(result.keys(0).keys()).extracting(KeyValue::value).containsExactly("1");
    }

    @Test
    void conditionsOnARangeHoldForEveryKey() {
        assertThat(holds(Compare.absent(prefix("q/")))).isTrue();
        assertThat(holds(Compare.unchangedSince(prefix("q/"), 0))).isTrue();

        put("q/1", "");
        long last = put("q/2", "").revision();

        assertThat(holds(Compare.absent(prefix("q/")))).isFalse();
        assertThat(holds(Compare.unchangedSince(prefix("q/"), last))).isTrue();
        assertThat(holds(Compare.unchangedSince(prefix("q/"), last - 1))).isFalse();
        // Neighbours of the range do not count, deletions neither.
        put("q", "");
        put("q0", "");
        txn(Txn.of(new Op.Delete(single("q/1"))));
        assertThat(holds(Compare.unchangedSince(prefix("q/"), last))).isTrue();
    }

    @Test
    void valuesStartWithATextIfThatOfEveryKeyDoes() {
        String five = "{\"kind\":\"semaphore\",\"permits\":5,";
        Compare allFive = Compare.valuesStartWith(prefix("q/"), five);
        put("q/1", five + "\"since\":1}");
        assertThat(holds(allFive)).isTrue();
        put("q/2", five + "\"since\":2}");
        put("q/3", five + five);
        // Neighbours of the range do not count.
        put("q", "");
        put("q0", "{}");
        assertThat(holds(allFive)).isTrue();
        assertThat(holds(Compare.valuesStartWith(single("q/2"), five))).isTrue();

        put("q/2", "{\"kind\":\"semaphore\",\"permits\":50,\"since\":2}");
        assertThat(holds(allFive)).isFalse();
        assertThat(holds(Compare.valuesStartWith(single("q/2"), five))).isFalse();
        assertThat(holds(Compare.valuesStartWith(single("q/3"), five))).isTrue();
        txn(Txn.of(new Op.Delete(single("q/2"))));
        assertThat(holds(allFive)).isTrue();
    }

    @Test
    void anEmptyRangeHasNoValuesThatStartWithAText() {
        put("q0", "text and more");

        assertThat(holds(Compare.valuesStartWith(prefix("q/"), "text"))).isFalse();
        assertThat(holds(Compare.valuesStartWith(single("q/1"), "text"))).isFalse();
    }

    @Test
    void aValueThatStartsWithATextIsLongerThanIt() {
        assertThat(starts("text", "text")).isFalse();
        assertThat(starts("text\0", "text")).isTrue();
        assertThat(starts("text", "tex")).isTrue();
        assertThat(starts("tex", "text")).isFalse();
        assertThat(starts("", "t")).isFalse();
        assertThat(starts("\0", "t")).isFalse();
    }

    @Test
    void valuesJustBelowAndJustAboveThoseOfATextDoNotStartWithIt() {
        String last = Character.toString(Character.MAX_CODE_POINT);
        assertThat(starts("5,", "5,")).isFalse();
        assertThat(starts("5+" + last, "5,")).isFalse();
        assertThat(starts("5," + last + last, "5,")).isTrue();
        assertThat(starts("5-", "5,")).isFalse();
        assertThat(starts("5-,", "5,")).isFalse();
        assertThat(starts("6", "5,")).isFalse();
        assertThat(starts("a5,1", "5,")).isFalse();
        assertThat(starts("\u007f1", "\u007f")).isTrue();
        assertThat(starts("\u0080", "\u007f")).isFalse();
    }

    @Test
    void valuesAreComparedByTheirBytes() {
        assertThat(starts("ünï✓", "ünï")).isTrue();
        assertThat(starts("ünï", "ünï")).isFalse();
        assertThat(starts("üný", "ünï")).isFalse();
        // All have the same first byte; the second value has the last byte plus one.
        assertThat(starts("ü1", "ü")).isTrue();
        assertThat(starts("ý", "ü")).isFalse();
        assertThat(starts("é1", "ü")).isFalse();
        // The last byte is 0xBF, the greatest that UTF-8 has there.
        assertThat(starts("¿1", "¿")).isTrue();
        assertThat(starts("À", "¿")).isFalse();
        // UTF-16 orders these two the other way round.
        assertThat(starts("\ud83d\ude001", "\uff5e")).isFalse();
        assertThat(starts("\uff5e\ud83d\ude00", "\uff5e")).isTrue();
        assertThat(starts("\ud83d\ude01", "\ud83d\ude00")).isFalse();
        assertThat(starts("\ud83d\ude00✓", "\ud83d\ude00")).isTrue();
    }

    @Test
    void aNestedConditionOnValuesSeesTheStateBeforeTheWholeTransaction() {
        put("q/1", "one,");
        Txn joinOne = new Txn(
                List.of(Compare.valuesStartWith(prefix("q/"), "one")),
                List.of(new Op.Put(key("q/2"), "one,", 0)),
                List.of(oldestFirst("q/", 0)));
        Txn joinOther = new Txn(
                List.of(Compare.valuesStartWith(prefix("q/"), "other")),
                List.of(new Op.Put(key("q/3"), "other,", 0)),
                List.of(oldestFirst("q/", 1)));

        TxnResult result = txn(Txn.of(
                new Op.Put(key("q/1"), "other,", 0),
                new Op.Nested(joinOne),
                new Op.Nested(new Txn(List.of(), List.of(new Op.Nested(joinOther)), List.of()))));

        assertThat(((TxnResult) result.results().get(1)).succeeded()).isTrue();
        TxnResult other =
                (TxnResult) ((TxnResult) result.results().get(2)).results().get(0);
        assertThat(other.succeeded()).isFalse();
        assertThat(names(oldestFirst("q/", 0))).containsExactly("q/1", "q/2");
    }

    @Test
    void aConditionOnValuesHoldsTogetherWithOthers() {
        long last = put("q/1", "one,").revision();
        Compare one = Compare.valuesStartWith(prefix("q/"), "one");
        Compare other = Compare.valuesStartWith(prefix("q/"), "other");
        Compare free = Compare.absent(single("q/2"));
        Compare unchanged = Compare.unchangedSince(prefix("q/"), last);

        assertThat(holds(free, one, unchanged)).isTrue();
        assertThat(holds(one, Compare.valuesStartWith(single("q/1"), "on"))).isTrue();
        assertThat(holds(free, other, unchanged)).isFalse();
        assertThat(holds(one, other)).isFalse();
        assertThat(holds(one, Compare.absent(single("q/1")))).isFalse();
        assertThat(holds(one, Compare.unchangedSince(prefix("q/"), last - 1))).isFalse();

        TxnResult refused = txn(new Txn(
                List.of(free, other), List.of(new Op.Put(key("q/2"), "other,", 0)), List.of(oldestFirst("q/", 0))));
        assertThat(refused.succeeded()).isFalse();
        assertThat(refused.revision()).isEqualTo(last);
        assertThat(refused.keys(0).keys()).extracting(KeyValue::value).containsExactly("one,");
    }

    @Test
    void aConditionOnValuesCountsAsTwo() {
        put("a", "text and more");
        Compare text = Compare.valuesStartWith(single("a"), "text");
        assertThat(holds(Collections.nCopies(64, text).toArray(Compare[]::new))).isTrue();
        assertFails(Kind.INVALID, store.txn(new Txn(Collections.nCopies(65, text), List.of(), List.of()), TIMEOUT));

        Op nested = new Op.Nested(new Txn(List.of(text), List.of(), List.of()));
        assertThat(txn(new Txn(List.of(), Collections.nCopies(126, nested), List.of()))
                        .results())
                .allMatch(each -> ((TxnResult) each).succeeded());
        assertFails(Kind.INVALID, store.txn(new Txn(List.of(), Collections.nCopies(127, nested), List.of()), TIMEOUT));
    }

    @Test
    void aRangeConditionMakesAFailedTryWriteNothing() {
        put("q/first", "");
        long before = txn(Txn.of()).revision();

        TxnResult attempt = txn(new Txn(
                List.of(Compare.absent(prefix("q/"))),
                List.of(new Op.Put(key("q/second"), "", 0)),
                List.of(oldestFirst("q/", 1))));

        assertThat(attempt.succeeded()).isFalse();
        assertThat(attempt.revision()).isEqualTo(before);
        assertThat(attempt.keys(0).keys()).extracting(KeyValue::key).containsExactly(key("q/first"));
    }

    @Test
    void readsAreOrderedByAgeNotByName() {
        put("q/c", "");
        put("q/a", "");
        put("q/b", "");
        put("q/c", "again");

        assertThat(names(oldestFirst("q/", 0))).containsExactly("q/c", "q/a", "q/b");
        assertThat(names(newestFirst("q/", 0, 0))).containsExactly("q/b", "q/a", "q/c");
    }

    @Test
    void aLimitSaysWhetherItLeftKeysOut() {
        put("q/a", "");
        put("q/b", "");
        put("q/c", "");

        OpResult.Keys two = txn(Txn.of(oldestFirst("q/", 2))).keys(0);
        assertThat(two.keys()).extracting(KeyValue::key).containsExactly(key("q/a"), key("q/b"));
        assertThat(two.more()).isTrue();
        assertThat(txn(Txn.of(oldestFirst("q/", 3))).keys(0).more()).isFalse();
        assertThat(txn(Txn.of(oldestFirst("q/", 0))).keys(0).more()).isFalse();
        assertThat(names(newestFirst("q/", 1, 0))).containsExactly("q/c");
    }

    @Test
    void maxCreateRevisionLeavesOutTheYounger() {
        put("q/a", "");
        long second = put("q/b", "").revision();
        put("q/c", "");
        put("q/a", "modified later");

        assertThat(names(newestFirst("q/", 0, second))).containsExactly("q/b", "q/a");
        assertThat(names(newestFirst("q/", 1, second - 1))).containsExactly("q/a");
    }

    @Test
    void keysOnlyLeavesValuesEmpty() {
        long revision = put("a", "secret").revision();

        TxnResult result = txn(Txn.of(new Op.Get(single("a"), Op.Order.OLDEST_FIRST, 0, 0, true)));

        assertThat(result.keys(0).keys()).containsExactly(new KeyValue(key("a"), "", revision, revision, 0));
    }

    @Test
    void aPageHasTheKeysInTheirOrderAndSaysWhetherThereAreMore() {
        put("q/ü", "");
        put("q/b", "of b");
        long revision = put("q/a", "").revision();
        put("q0", "");
        put("q", "");

        OpResult.Keys two = page("q/", "q/", 2);
        assertThat(two.keys()).extracting(KeyValue::key).containsExactly(key("q/a"), key("q/b"));
        assertThat(two.keys().get(0)).isEqualTo(new KeyValue(key("q/a"), "", revision, revision, 0));
        assertThat(two.keys().get(1).value()).isEqualTo("of b");
        assertThat(two.more()).isTrue();
        OpResult.Keys rest = page("q/", "q/b\0", 2);
        assertThat(rest.keys()).extracting(KeyValue::key).containsExactly(key("q/ü"));
        assertThat(rest.more()).isFalse();
        assertThat(page("q/", "q/b", 2).more()).isFalse();
        assertThat(page("q/", "q/z", 2).keys()).extracting(KeyValue::key).containsExactly(key("q/ü"));
        assertThat(page("none", "none", 2)).isEqualTo(new OpResult.Keys(List.of(), false));
    }

    @Test
    void aRangeIsByPrefixOfTheText() {
        put("q/a", "");
        put("q/a/b", "");
        put("q/ü", "");
        put("q0", "");
        put("Q/a", "");

        assertThat(names(oldestFirst("q/", 0))).containsExactly("q/a", "q/a/b", "q/ü");
        assertThat(txn(Txn.of(new Op.Delete(prefix("q/")))).results()).containsExactly(new OpResult.Done(3));
        assertThat(getAll()).extracting(KeyValue::key).containsExactlyInAnyOrder(key("q0"), key("Q/a"));
    }

    @Test
    void nestedTransactionsDecideEachForThemselves() {
        put("taken", "");

        TxnResult result = txn(Txn.of(new Op.Nested(tryPut("taken")), new Op.Nested(tryPut("free"))));

        assertThat(result.succeeded()).isTrue();
        TxnResult first = (TxnResult) result.results().get(0);
        TxnResult second = (TxnResult) result.results().get(1);
        assertThat(first.succeeded()).isFalse();
        assertThat(first.keys(0).keys()).extracting(KeyValue::key).containsExactly(key("taken"));
        assertThat(second.succeeded()).isTrue();
        assertThat(second.results()).containsExactly(new OpResult.Done(0));
        assertThat(second.revision()).isEqualTo(result.revision());
        assertThat(get("free").get(0).createRevision()).isEqualTo(result.revision());
    }

    @Test
    void nestedConditionsSeeTheStateBeforeTheWholeTransaction() {
        TxnResult result = txn(Txn.of(
                new Op.Put(key("a"), "", 0),
                new Op.Nested(new Txn(
                        List.of(Compare.absent(single("a"))), List.of(new Op.Put(key("b"), "", 0)), List.of()))));

        assertThat(((TxnResult) result.results().get(1)).succeeded()).isTrue();
    }

    @Test
    void manyNestedTransactionsInOne() {
        List<Op> ops = new ArrayList<>();
        for (int i = 0; i < 126; i++) {
            ops.add(new Op.Nested(tryPut("n" + i)));
        }

        TxnResult result = txn(new Txn(List.of(), ops, List.of()));

        assertThat(result.results()).hasSize(126).allMatch(each -> ((TxnResult) each).succeeded());
    }

    @Test
    void aKeyPutTwiceIsInvalid() {
        Op.Put put = new Op.Put(key("a"), "1", 0);
        assertFails(Kind.INVALID, store.txn(Txn.of(put, new Op.Put(key("a"), "2", 0)), TIMEOUT));
        assertFails(Kind.INVALID, store.txn(Txn.of(put, new Op.Nested(Txn.of(put))), TIMEOUT));
        assertFails(Kind.INVALID, store.txn(Txn.of(put, new Op.Delete(single("a"))), TIMEOUT));
        assertThat(get("a")).isEmpty();
    }

    @Test
    void aLeaseKeepsItsKeysUntilItEnds() {
        LeaseGrant lease = grant(Duration.ofSeconds(60));
        assertThat(lease.ttl()).isGreaterThanOrEqualTo(Duration.ofSeconds(60));
        assertThat(lease.leaseId()).isPositive();

        txn(Txn.of(new Op.Put(key("a"), "", lease.leaseId()), new Op.Put(key("b"), "", lease.leaseId())));
        put("c", "");

        assertThat(get("a").get(0).leaseId()).isEqualTo(lease.leaseId());
        LeaseKeys keys = answer(other.leaseKeys(lease.leaseId(), TIMEOUT));
        assertThat(keys.keys()).containsExactlyInAnyOrder(key("a"), key("b"));
        assertThat(keys.remaining()).isBetween(Duration.ofSeconds(50), lease.ttl());
        assertThat(keys.clusterId()).isEqualTo(lease.clusterId()).isNotZero();
        assertThat(answer(other.remaining(lease.leaseId(), TIMEOUT))).isBetween(Duration.ofSeconds(50), lease.ttl());

        answer(store.revoke(lease.leaseId(), TIMEOUT));
        assertThat(getAll()).extracting(KeyValue::key).containsExactly(key("c"));
        // Ending what has ended is fine.
        answer(store.revoke(lease.leaseId(), TIMEOUT));
    }

    @Test
    void aDeletedOrMovedKeyLeavesTheLease() {
        long first = grant(Duration.ofSeconds(60)).leaseId();
        long second = grant(Duration.ofSeconds(60)).leaseId();
        txn(Txn.of(new Op.Put(key("a"), "", first), new Op.Put(key("b"), "", first), new Op.Put(key("c"), "", first)));

        txn(Txn.of(new Op.Delete(single("a")), new Op.Put(key("b"), "", second), new Op.Put(key("c"), "", 0)));

        assertThat(answer(store.leaseKeys(first, TIMEOUT)).keys()).isEmpty();
        assertThat(answer(store.leaseKeys(second, TIMEOUT)).keys()).containsExactly(key("b"));
        answer(store.revoke(first, TIMEOUT));
        answer(store.revoke(second, TIMEOUT));
        assertThat(getAll()).extracting(KeyValue::key).containsExactly(key("c"));
    }

    @Test
    void aLeaseNotRenewedEndsWithItsKeys() {
        LeaseGrant lease = grant(SHORT_TTL);
        txn(Txn.of(new Op.Put(key("a"), "", lease.leaseId())));
        long granted = System.nanoTime();

        await().atMost(Duration.ofSeconds(15)).until(() -> get("a").isEmpty());

        assertThat(Duration.ofNanos(System.nanoTime() - granted)).isGreaterThan(SHORT_TTL.minusMillis(200));
        await().untilAsserted(() -> assertFails(Kind.LEASE_NOT_FOUND, store.leaseKeys(lease.leaseId(), TIMEOUT)));
        assertFails(Kind.LEASE_NOT_FOUND, store.keepAlive(lease.leaseId(), TIMEOUT));
    }

    @Test
    void aRenewedLeaseStays() {
        LeaseGrant lease = grant(SHORT_TTL);
        txn(Txn.of(new Op.Put(key("a"), "", lease.leaseId())));
        long granted = System.nanoTime();

        await().pollInterval(Duration.ofMillis(400))
                .atMost(Duration.ofSeconds(15))
                .until(() -> {
                    LeaseGrant renewed = answer(store.keepAlive(lease.leaseId(), TIMEOUT));
                    assertThat(renewed).isEqualTo(lease);
                    return System.nanoTime() - granted
                            > lease.ttl().multipliedBy(2).toNanos();
                });

        assertThat(get("a")).hasSize(1);
        answer(store.revoke(lease.leaseId(), TIMEOUT));
    }

    @Test
    void anEndedLeaseFailsTheWholeTransaction() {
        long lease = grant(Duration.ofSeconds(60)).leaseId();
        answer(store.revoke(lease, TIMEOUT));

        assertFails(
                Kind.LEASE_NOT_FOUND,
                store.txn(
                        Txn.of(new Op.Put(key("a"), "", 0), new Op.Nested(Txn.of(new Op.Put(key("b"), "", lease)))),
                        TIMEOUT));
        assertThat(getAll()).isEmpty();
        assertFails(Kind.LEASE_NOT_FOUND, store.keepAlive(lease, TIMEOUT));
        assertFails(Kind.LEASE_NOT_FOUND, store.leaseKeys(lease, TIMEOUT));
        assertFails(Kind.LEASE_NOT_FOUND, store.remaining(lease, TIMEOUT));
    }

    @Test
    void aWatchTellsEveryLaterChangeInOrder() {
        put("q/before", "");
        WatchRecorder seen = new WatchRecorder();
        LockStore.Watch watch = store.watch(prefix("q/"), seen);
        await().until(() -> seen.readies() == 1);

        List<KeyChange> expected = new ArrayList<>();
        expected.add(new KeyChange(key("q/a"), false, putFrom(other, "q/a").revision()));
        putFrom(other, "elsewhere");
        expected.add(new KeyChange(key("q/b"), false, putFrom(other, "q/b").revision()));
        expected.add(new KeyChange(
                key("q/a"),
                true,
                answer(other.txn(Txn.of(new Op.Delete(single("q/a"))), TIMEOUT)).revision()));
        expected.add(new KeyChange(key("q/a"), false, putFrom(store, "q/a").revision()));

        await().untilAsserted(() -> assertThat(seen.changes()).isEqualTo(expected));
        watch.close();
        assertThat(seen.breaks()).isEmpty();
        assertThat(seen.readies()).isEqualTo(1);
    }

    @Test
    void aWatchOfOneKeyTellsOfThatOnly() {
        WatchRecorder seen = new WatchRecorder();
        LockStore.Watch watch = store.watch(single("q/a"), seen);
        await().until(() -> seen.readies() == 1);

        putFrom(other, "q/a/b");
        putFrom(other, "q/a");

        await().until(() -> !seen.changes().isEmpty());
        assertThat(seen.changes()).extracting(KeyChange::key).containsExactly(key("q/a"));
        watch.close();
    }

    @Test
    void aWatchTellsOfAnEndedLease() {
        long lease = grant(Duration.ofSeconds(60)).leaseId();
        txn(Txn.of(new Op.Put(key("a"), "", lease)));
        WatchRecorder seen = new WatchRecorder();
        LockStore.Watch watch = store.watch(single("a"), seen);
        await().until(() -> seen.readies() == 1);

        answer(other.revoke(lease, TIMEOUT));

        await().until(() -> !seen.changes().isEmpty());
        assertThat(seen.changes().get(0).deleted()).isTrue();
        watch.close();
    }

    @Test
    void aClosedWatchTellsNothing() {
        WatchRecorder closedSoon = new WatchRecorder();
        WatchRecorder closedLater = new WatchRecorder();
        WatchRecorder open = new WatchRecorder();
        store.watch(prefix("q/"), closedSoon).close();
        LockStore.Watch later = store.watch(prefix("q/"), closedLater);
        store.watch(prefix("q/"), open);
        await().until(() -> closedLater.readies() == 1 && open.readies() == 1);
        later.close();
        later.close();

        putFrom(other, "q/a");

        await().until(() -> open.changes().size() == 1);
        assertThat(closedSoon.changes()).isEmpty();
        assertThat(closedLater.changes()).isEmpty();
        store.close();
        assertThat(closedSoon.breaks()).isEmpty();
        assertThat(closedLater.breaks()).isEmpty();
        store = newStore();
    }

    @Test
    void aWatcherMayUseTheStore() {
        CompletableFuture<TxnResult> read = new CompletableFuture<>();
        WatchRecorder second = new WatchRecorder();
        store.watch(single("a"), new LockStore.Watcher() {
            @Override
            public void ready() {
                store.watch(single("b"), second);
                store.txn(Txn.of(Op.Get.key(key("a"))), TIMEOUT).thenAccept(read::complete);
            }

            @Override
            public void changed(KeyChange change) {}

            @Override
            public void broken(StoreException cause) {
                read.completeExceptionally(cause);
            }
        });

        assertThat(answer(read).succeeded()).isTrue();
        await().until(() -> second.readies() == 1);
    }

    @Test
    void refreshAndStatusAnswer() {
        answer(store.refreshCredentials(TIMEOUT));
        assertThat(answer(store.status(TIMEOUT)).leaderKnown()).isTrue();
        store.reconnect();
        assertThat(put("a", "").succeeded()).isTrue();
    }

    @Test
    void aClosedStoreRefusesEverything() {
        store.close();
        store.close();

        assertFails(Kind.CLOSED, store.txn(Txn.of(), TIMEOUT));
        assertFails(Kind.CLOSED, store.grant(SHORT_TTL, TIMEOUT));
        assertFails(Kind.CLOSED, store.keepAlive(1, TIMEOUT));
        assertFails(Kind.CLOSED, store.leaseKeys(1, TIMEOUT));
        assertFails(Kind.CLOSED, store.remaining(1, TIMEOUT));
        assertFails(Kind.CLOSED, store.revoke(1, TIMEOUT));
        assertFails(Kind.CLOSED, store.status(TIMEOUT));
        WatchRecorder seen = new WatchRecorder();
        store.watch(single("a"), seen);
        await().until(() -> seen.breaks().size() == 1);
        assertThat(seen.breaks().get(0).kind()).isEqualTo(Kind.CLOSED);
        store = newStore();
    }

    protected final String key(String name) {
        return keyPrefix() + name;
    }

    protected final KeyRange single(String name) {
        return KeyRange.single(key(name));
    }

    protected final KeyRange prefix(String name) {
        return KeyRange.prefix(key(name));
    }

    private OpResult.Keys page(String prefix, String from, int limit) {
        return txn(Txn.of(new Op.Page(key(prefix), key(from), limit))).keys(0);
    }

    private Op.Get oldestFirst(String prefix, int limit) {
        return new Op.Get(prefix(prefix), Op.Order.OLDEST_FIRST, limit, 0, false);
    }

    private Op.Get newestFirst(String prefix, int limit, long maxCreateRevision) {
        return new Op.Get(prefix(prefix), Op.Order.NEWEST_FIRST, limit, maxCreateRevision, false);
    }

    private Txn tryPut(String name) {
        return new Txn(
                List.of(Compare.absent(single(name))),
                List.of(new Op.Put(key(name), "", 0)),
                List.of(Op.Get.key(key(name))));
    }

    private LeaseGrant grant(Duration ttl) {
        return answer(store.grant(ttl, TIMEOUT));
    }

    private TxnResult txn(Txn txn) {
        return answer(store.txn(txn, TIMEOUT));
    }

    private TxnResult put(String name, String value) {
        return txn(Txn.of(new Op.Put(key(name), value, 0)));
    }

    private TxnResult putFrom(LockStore from, String name) {
        return answer(from.txn(Txn.of(new Op.Put(key(name), "", 0)), TIMEOUT));
    }

    private List<KeyValue> get(String name) {
        return txn(Txn.of(Op.Get.key(key(name)))).keys(0).keys();
    }

    private List<KeyValue> getAll() {
        return txn(Txn.of(oldestFirst("", 0))).keys(0).keys();
    }

    private List<String> names(Op.Get get) {
        return txn(Txn.of(get)).keys(0).keys().stream()
                .map(each -> each.key().substring(keyPrefix().length()))
                .toList();
    }

    private boolean holds(Compare... conditions) {
        return txn(new Txn(List.of(conditions), List.of(), List.of())).succeeded();
    }

    private boolean starts(String value, String start) {
        put("starts", value);
        return holds(Compare.valuesStartWith(single("starts"), start));
    }

    private static <T> T answer(CompletableFuture<T> future) {
        try {
            return future.get(10, TimeUnit.SECONDS);
        } catch (ExecutionException failed) {
            throw StoreException.of(failed.getCause() == null ? failed : failed.getCause());
        } catch (TimeoutException | InterruptedException none) {
            throw new AssertionError("No answer: the store must bound each request", none);
        }
    }

    private static void assertFails(Kind kind, CompletableFuture<?> future) {
        assertThatExceptionOfType(StoreException.class)
                .isThrownBy(() -> answer(future))
                .satisfies(failure -> assertThat(failure.kind()).isEqualTo(kind));
    }
}
