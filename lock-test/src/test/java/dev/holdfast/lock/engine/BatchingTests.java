package dev.holdfast.lock.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.lock.memory.MemoryServer;
import dev.holdfast.lock.store.Compare;
import dev.holdfast.lock.store.KeyRange;
import dev.holdfast.lock.store.KeyValue;
import dev.holdfast.lock.store.LockStore;
import dev.holdfast.lock.store.Op;
import dev.holdfast.lock.store.StoreException;
import dev.holdfast.lock.store.Txn;
import dev.holdfast.lock.store.TxnResult;
import dev.holdfast.lock.test.ManualTime;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What travels together, and what becomes of it, on a clock and a store of the test's choice. */
class BatchingTests {

    private static final Duration TIMEOUT = Duration.ofSeconds(2);
    private static final LockKeys KEYS = new LockKeys("locks/", true);
    private static final String VALUE = Kind.EXCLUSIVE.valueStart() + "}";

    /** What is gathered waits for the answer before it, however much it is. */
    static final Batching.Limits ONE_AT_A_TIME = new Batching.Limits(
            Batching.Limits.TOGETHER.operations(),
            1,
            1,
            Batching.Limits.TOGETHER.bytes(),
            Batching.Limits.TOGETHER.keysRead());

    /** Requests that leave room for no other. */
    private static final int UNDER_WAY = ONE_AT_A_TIME.underWay();

    private final ManualTime time = new ManualTime();
    private final LockStore model = new MemoryServer(time).connect();
    private final GatedStore store = new GatedStore(model);
    private final List<Integer> told = new ArrayList<>();
    private final Batching batching = batching(ONE_AT_A_TIME);
    private final long lease =
            model.grant(Duration.ofMinutes(5), TIMEOUT).join().leaseId();

    /** What one transaction came to. */
    private static final class Answer {

        private @Nullable TxnResult result;
        private @Nullable StoreException failure;
        private int times;

        boolean done() {
            return times > 0;
        }
    }

    @Test
    void aTransactionThatFindsNothingUnderWayGoesAtOnceAndAsItIs() {
        Txn join = join("a");
        Answer answer = send(join);

        assertThat(store.sent()).containsExactly(join);
        store.pass();
        assertThat(result(answer).succeeded()).isTrue();
        assertThat(told).containsExactly(1);
    }

    @Test
    void whatComesMeanwhileGoesTogetherInItsOrder() {
        fill();
        List<Txn> txns = names("n", 5).stream().map(this::join).toList();
        List<Answer> answers = txns.stream().map(this::send).toList();
        assertThat(store.sent()).hasSize(UNDER_WAY);

        store.pass();

        assertThat(store.sent()).hasSize(UNDER_WAY + 1);
        assertThat(store.sent().get(UNDER_WAY).then())
                .containsExactlyElementsOf(txns.stream().map(Op.Nested::new).toList());
        store.open();
        assertThat(answers)
                .allSatisfy(answer -> assertThat(result(answer).succeeded()).isTrue());
        assertThat(told).endsWith(5);
    }

    @Test
    void aSecondRequestGoesBesideTheFirstOnceItIsLarge() {
        Batching two = batching(Batching.Limits.TOGETHER);
        int enough = Batching.Limits.TOGETHER.enough();
        names("first", 1).forEach(name -> send(two, join(name), TIMEOUT));
        names("small", enough - 1).forEach(name -> send(two, join(name), TIMEOUT));
        assertThat(store.sent()).hasSize(1);

        names("last", 1).forEach(name -> send(two, join(name), TIMEOUT));
        assertThat(store.sent()).hasSize(2);
        assertThat(store.sent().get(1).then()).hasSize(enough);

        names("third", 2 * enough).forEach(name -> send(two, join(name), TIMEOUT));
        assertThat(store.sent()).hasSize(2);
        store.pass();
        assertThat(store.sent()).hasSize(3);
        store.open();
    }

    @Test
    void eachAnswerLooksAsIfItsTransactionHadBeenSentAlone() {
        long clusterId = model.txn(Txn.of(), TIMEOUT).join().clusterId();
        fill();
        Answer first = send(join("a"));
        Answer busy = send(new Txn(
                List.of(Compare.createdAt("locks/other/1", 77)), List.of(), List.of(Op.Get.key("locks/other/1"))));
        Answer last = send(join("b"));
        store.open();

        long revision = result(first).revision();
        assertThat(result(first).clusterId()).isEqualTo(clusterId);
        assertThat(created("a")).isEqualTo(revision);
        assertThat(result(last).revision()).isEqualTo(revision);
        assertThat(created("b")).isEqualTo(revision);
        assertThat(result(busy).succeeded()).isFalse();
        assertThat(result(busy).keys(0).keys()).isEmpty();
        assertThat(protocol("b").admitted(result(last)).in()).isTrue();
    }

    /** They would both be decided on the state before, and get one create revision. */
    @Test
    void twoThatTouchOneNameNeverTravelTogether() {
        fill();
        List<Answer> answers = List.of(
                send(take("a", 1)),
                send(take("a", 2)),
                send(Protocol.of(KEYS, Kind.EXCLUSIVE, List.of("b", "a"), lease, 3)
                        .take(0, VALUE, 0, false)),
                send(take("b", 4)),
                send(take("c", 5)));
        store.open();

        // The set waits for "a", and nobody overtakes it under "b".
        assertThat(store.sizes().subList(UNDER_WAY, store.sizes().size())).containsExactly(2, 1, 1, 1);
        assertThat(answers.stream().map(answer -> result(answer).succeeded()))
                .containsExactly(true, false, false, true, true);
    }

    @Test
    void aSetOfManyNamesTravelsAloneIfTheStoreTakesNoMore() {
        fill();
        List<String> names = names("set", 60);
        Protocol set = Protocol.of(KEYS, Kind.EXCLUSIVE, names, lease, 9);
        send(set.join(0, VALUE, 0));
        List<Answer> answers =
                names("n", 100).stream().map(name -> send(join(name))).toList();
        store.open();

        assertThat(answers)
                .allSatisfy(answer -> assertThat(result(answer).succeeded()).isTrue());
        assertThat(store.sizes().subList(UNDER_WAY, store.sizes().size())).containsExactly(1, 100);
    }

    @Test
    void noBatchIsLargerThanWhatTheStoreTakes() {
        fill();
        List<Answer> answers =
                names("n", 300).stream().map(name -> send(join(name))).toList();
        store.open();

        // The model counts as etcd does, and would have refused more.
        assertThat(answers)
                .allSatisfy(answer -> assertThat(result(answer).succeeded()).isTrue());
        assertThat(store.sizes().subList(UNDER_WAY, store.sizes().size())).containsExactly(125, 125, 50);
    }

    @Test
    void whatIsLargeTravelsAlone() {
        fill();
        String large = "x".repeat(300_000);
        List<Answer> answers = names("n", 4).stream()
                .map(name -> send(protocol(name).join(0, large, 0)))
                .toList();
        store.open();

        assertThat(answers)
                .allSatisfy(answer -> assertThat(result(answer).succeeded()).isTrue());
        assertThat(store.sizes().subList(UNDER_WAY, store.sizes().size())).containsExactly(1, 1, 1, 1);
    }

    @Test
    void whatOneIsRefusedForHarmsNoNeighbour() {
        fill();
        Answer good = send(join("good"));
        Answer dead =
                send(Protocol.of(KEYS, Kind.EXCLUSIVE, List.of("bad"), 4711, 0).join(0, VALUE, 0));
        Answer alsoGood = send(join("also-good"));
        store.open();

        assertThat(failure(dead).kind()).isEqualTo(StoreException.Kind.LEASE_NOT_FOUND);
        assertThat(result(good).succeeded()).isTrue();
        assertThat(result(alsoGood).succeeded()).isTrue();
        assertThat(store.sizes().subList(UNDER_WAY, store.sizes().size())).containsExactly(3, 1, 1, 1);
    }

    @ParameterizedTest
    @EnumSource(names = {"TIMEOUT", "UNAVAILABLE", "CLOSED"})
    void withoutAnAnswerAllAreInDoubtAndNoneIsSentAgain(StoreException.Kind kind) {
        fill();
        List<Answer> answers =
                names("n", 3).stream().map(name -> send(join(name))).toList();
        drainTo(1);
        store.passAndFail(kind);

        assertThat(answers)
                .allSatisfy(answer -> assertThat(failure(answer).kind()).isEqualTo(kind));
        assertThat(store.held()).isZero();
        assertThat(created("n-0")).isPositive();
    }

    @ParameterizedTest
    @EnumSource(names = {"UNAUTHENTICATED", "EXHAUSTED"})
    void whatIsRefusedToAllIsToldToAllAndNotTriedOneByOne(StoreException.Kind kind) {
        fill();
        List<Answer> answers =
                names("n", 3).stream().map(name -> send(join(name))).toList();
        drainTo(1);
        store.fail(kind);

        assertThat(answers)
                .allSatisfy(answer -> assertThat(failure(answer).kind()).isEqualTo(kind));
        assertThat(store.held()).isZero();
    }

    @Test
    void aStoreWithoutSpaceStillDeletes() {
        fill();
        Answer join = send(join("a"));
        Answer remove = send(protocol("b").remove(5));
        drainTo(1);
        store.fail(StoreException.Kind.EXHAUSTED);

        assertThat(failure(join).kind()).isEqualTo(StoreException.Kind.EXHAUSTED);
        assertThat(remove.done()).isFalse();
        store.open();
        assertThat(result(remove).succeeded()).isFalse();
    }

    /** As a server with a smaller {@code --max-txn-ops} does. */
    @Test
    void aSmallerLimitOfTheStoreIsLearned() {
        fill();
        List<Answer> answers =
                names("n", 60).stream().map(name -> send(join(name))).toList();
        drainTo(1);
        store.fail(StoreException.Kind.INVALID);
        while (store.held() > 0) {
            store.pass();
        }
        assertThat(answers)
                .allSatisfy(answer -> assertThat(result(answer).succeeded()).isTrue());
        int sent = store.sent().size();

        fill();
        names("m", 60).forEach(name -> send(join(name)));
        store.open();

        assertThat(store.sizes().subList(sent + UNDER_WAY, store.sizes().size()))
                .containsExactly(28, 28, 4);
    }

    @Test
    void oneThatIsInvalidByItselfTeachesNothing() {
        fill();
        names("n", 59).forEach(name -> send(join(name)));
        Answer twice = send(Txn.of(new Op.Put("locks/x/1", "", 0), new Op.Put("locks/x/1", "", 0)));
        store.open();
        assertThat(failure(twice).kind()).isEqualTo(StoreException.Kind.INVALID);

        assertThat(batching.mostOperations()).isEqualTo(128);
    }

    @Test
    void eachDeadlineHoldsForItself() {
        fill();
        Answer hurried = send(join("hurried"), Duration.ofMillis(20));
        Answer patient = send(join("patient"), TIMEOUT);
        drainTo(1);
        assertThat(store.timeout(UNDER_WAY)).isEqualTo(TIMEOUT);

        time.advance(Duration.ofMillis(19));
        assertThat(hurried.done()).isFalse();
        time.advance(Duration.ofMillis(1));
        assertThat(failure(hurried).kind()).isEqualTo(StoreException.Kind.TIMEOUT);
        assertThat(patient.done()).isFalse();

        store.pass();
        assertThat(result(patient).succeeded()).isTrue();
        assertThat(hurried.times).isEqualTo(1);
    }

    @Test
    void whatIsNotSentWithinHalfItsTimeFailsWithoutDoubt() {
        Batching alone = batching(new Batching.Limits(1, 1, 1, 0, 0));
        send(alone, join("first"), TIMEOUT);
        Answer late = send(alone, join("late"), Duration.ofMillis(500));
        Answer next = send(alone, join("next"), TIMEOUT);

        time.advance(Duration.ofMillis(249));
        assertThat(late.done()).isFalse();
        time.advance(Duration.ofMillis(1));
        assertThat(failure(late).kind()).isEqualTo(StoreException.Kind.EXHAUSTED);

        store.open();
        assertThat(result(next).succeeded()).isTrue();
        assertThat(created("late")).isZero();
    }

    @Test
    void timeSpentGatheringIsTakenFromTheTimeout() {
        Batching alone = batching(new Batching.Limits(1, 1, 1, 0, 0));
        send(alone, join("first"), TIMEOUT);
        send(alone, join("next"), TIMEOUT);
        time.advance(Duration.ofMillis(300));

        store.pass();

        assertThat(store.timeout(1)).isEqualTo(TIMEOUT.minusMillis(300));
    }

    @Test
    void aProcessThatWasStoppedSendsNothingOld() {
        fill();
        Answer old = send(join("old"));
        time.pause(Duration.ofSeconds(1));

        store.pass();

        assertThat(failure(old).kind()).isEqualTo(StoreException.Kind.EXHAUSTED);
        assertThat(store.sent()).hasSize(UNDER_WAY);
    }

    /** As when it went to a frozen member. */
    @Test
    void aRequestThatStaysUnansweredHoldsNobodyUpForLong() {
        fill();
        Answer answer = send(join("a"));
        assertThat(store.sent()).hasSize(UNDER_WAY);

        time.advance(Duration.ofMillis(100));

        assertThat(store.sent()).hasSize(UNDER_WAY + 1);
        assertThat(answer.done()).isFalse();
        store.open();
        assertThat(result(answer).succeeded()).isTrue();
    }

    /** If the store is gone, those are in doubt. */
    @Test
    void aStoreThatDoesNotAnswerAtAllGetsOnlySoMany() {
        for (int i = 0; i < 5_000; i++) {
            send(join("n-" + i));
        }
        time.advance(TIMEOUT.dividedBy(2));

        assertThat(store.sizes().stream().mapToInt(Integer::intValue).sum()).isLessThanOrEqualTo(256 + 125);
    }

    @Test
    void afterTheSmallestBatchTheyGrowAgain() {
        assertThat(sizesAfterADoubtOf(2)).hasSizeLessThan(12).anyMatch(size -> size > 50);
    }

    @Test
    void afterADoubtBatchesAreSmallerUntilThereAreAnswers() {
        assertThat(sizesAfterADoubtOf(100)).containsExactly(50, 100, 50);
    }

    @Test
    void aHundredThousandThatFailAtOnceDoNotOverflowTheStack() {
        fill();
        List<Answer> answers = new ArrayList<>();
        for (int i = 0; i < 100_000; i++) {
            answers.add(send(join("n-" + i)));
        }
        model.close();
        store.open();

        assertThat(answers)
                .allSatisfy(answer -> assertThat(failure(answer).kind()).isEqualTo(StoreException.Kind.CLOSED));
    }

    @Test
    void whatIsGatheredEndsWithTheClose() {
        fill();
        Answer gathered = send(join("a"));

        batching.close();

        assertThat(failure(gathered).kind()).isEqualTo(StoreException.Kind.CLOSED);
        assertThat(failure(send(join("b"))).kind()).isEqualTo(StoreException.Kind.CLOSED);
        assertThat(store.sent()).hasSize(UNDER_WAY);
    }

    @Test
    void aRequestThatCannotBeMadeGivesItsPlaceBack() {
        Batching over = new Batching(
                (LockStore) Proxy.newProxyInstance(
                        getClass().getClassLoader(), new Class<?>[] {LockStore.class}, (self, method, args) -> {
                            throw new IllegalStateException("no way to the store");
                        }),
                time,
                KEYS,
                ONE_AT_A_TIME,
                size -> {});
        for (int i = 0; i < 3 * UNDER_WAY; i++) {
            assertThat(failure(send(over, join("a"), TIMEOUT)).kind()).isEqualTo(StoreException.Kind.UNAVAILABLE);
        }
    }

    @Test
    void switchedOffEachGoesAlone() {
        Batching off = batching(Batching.Limits.EACH_ALONE);
        for (int i = 0; i < 300; i++) {
            send(off, join("n-" + i), TIMEOUT);
        }

        assertThat(store.sizes()).hasSize(256).containsOnly(1);
        store.pass();
        assertThat(store.sizes()).hasSize(257).containsOnly(1);
    }

    private Batching batching(Batching.Limits limits) {
        return new Batching(store.store(), time, KEYS, limits, told::add);
    }

    /** Requests under way until nothing more is sent. */
    private void fill() {
        for (int i = 0; i < UNDER_WAY; i++) {
            send(Txn.of(Op.Get.key("locks/fill-" + i + "/1")));
        }
    }

    /** Of the batches in which 200 go out, when one of so many was the last before them and had no usable answer. */
    private List<Integer> sizesAfterADoubtOf(int members) {
        fill();
        names("n", members).forEach(name -> send(join(name)));
        drainTo(1);
        store.fail(StoreException.Kind.UNAVAILABLE);
        int sent = store.sent().size();

        fill();
        names("m", 200).forEach(name -> send(join(name)));
        store.open();

        return store.sizes().subList(sent + UNDER_WAY, store.sizes().size());
    }

    /** Answers the oldest until only so many requests are under way. */
    private void drainTo(int left) {
        for (int i = 0; i < UNDER_WAY; i++) {
            store.pass();
        }
        assertThat(store.held()).isEqualTo(left);
    }

    private static List<String> names(String start, int count) {
        return IntStream.range(0, count).mapToObj(i -> start + "-" + i).toList();
    }

    private Protocol protocol(String name) {
        return Protocol.of(KEYS, Kind.EXCLUSIVE, List.of(name), lease, 0);
    }

    private Txn join(String name) {
        return protocol(name).join(0, VALUE, 0);
    }

    private Txn take(String name, long slot) {
        return Protocol.of(KEYS, Kind.EXCLUSIVE, List.of(name), lease, slot).take(0, VALUE, 0, false);
    }

    private long created(String name) {
        List<KeyValue> found = model.txn(
                        Txn.of(new Op.Get(KeyRange.prefix("locks/" + name + "/"), Op.Order.OLDEST_FIRST, 0, 0, true)),
                        TIMEOUT)
                .join()
                .keys(0)
                .keys();
        return found.isEmpty() ? 0 : found.get(0).createRevision();
    }

    private Answer send(Txn txn) {
        return send(txn, TIMEOUT);
    }

    private Answer send(Txn txn, Duration timeout) {
        return send(batching, txn, timeout);
    }

    private Answer send(Batching over, Txn txn, Duration timeout) {
        Answer answer = new Answer();
        over.send(new Operation(txn, time.nanoTime(), timeout, new Mailbox(), (result, failure) -> {
            answer.result = result;
            answer.failure = failure;
            answer.times++;
        }));
        return answer;
    }

    private static TxnResult result(Answer answer) {
        assertThat(answer.failure).isNull();
        return Objects.requireNonNull(answer.result);
    }

    private static StoreException failure(Answer answer) {
        assertThat(answer.result).isNull();
        return Objects.requireNonNull(answer.failure);
    }
}
