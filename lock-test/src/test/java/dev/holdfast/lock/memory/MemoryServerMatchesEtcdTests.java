package dev.holdfast.lock.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.lock.etcd.TestStores;
import dev.holdfast.lock.store.Compare;
import dev.holdfast.lock.store.KeyRange;
import dev.holdfast.lock.store.LockStore;
import dev.holdfast.lock.store.Op;
import dev.holdfast.lock.store.OpResult;
import dev.holdfast.lock.store.StoreException.Kind;
import dev.holdfast.lock.store.Txn;
import dev.holdfast.lock.store.TxnResult;
import dev.holdfast.lock.test.EtcdServer;
import dev.holdfast.lock.test.EtcdVersions;
import dev.holdfast.lock.test.EtcdVersions.EtcdVersion;
import dev.holdfast.lock.test.ManualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Holds the model against real etcd: the same random requests to both, and every answer, failure and watched change must be the same.
 * The simulation is worth as much as this.
 */
class MemoryServerMatchesEtcdTests {

    private static final int STEPS = 60;
    private static final int FEW_RUNS = 30;
    private static final int MANY_RUNS = 2000;

    @Test
    void randomRequestsHaveTheAnswersOfTheInstalledEtcd() {
        compare(EtcdServer.builder(), 1, FEW_RUNS);
    }

    @ParameterizedTest
    @MethodSource("versions")
    @Tag("versions")
    void randomRequestsHaveTheAnswersOf(EtcdVersion etcd) {
        compare(etcd.server(), 1, FEW_RUNS);
    }

    @ParameterizedTest
    @MethodSource("versions")
    @Tag("versions")
    @Tag("faults")
    void manyMoreRandomRequestsHaveTheAnswersOf(EtcdVersion etcd) {
        compare(etcd.server(), 1_000_000, MANY_RUNS);
    }

    static List<EtcdVersion> versions() {
        return EtcdVersions.all();
    }

    private static void compare(EtcdServer.Builder server, long firstSeed, int runs) {
        // Nothing here is about what survives a crash.
        try (EtcdServer etcd = server.args("--unsafe-no-fsync").start();
                LockStore store = TestStores.store(List.of(etcd.endpoint()))) {
            for (int run = 0; run < runs; run++) {
                compare(store, firstSeed + run);
            }
        }
    }

    private static void compare(LockStore etcdStore, long seed) {
        ManualTime time = new ManualTime();
        try (LockStore modelStore = new MemoryServer(time).connect();
                ComparedStore model = new ComparedStore(modelStore, () -> time.advance(Duration.ZERO));
                ComparedStore etcd = new ComparedStore(etcdStore, () -> {})) {
            Comparison both = new Comparison(model, etcd, "seed " + seed);
            RandomSteps random = new RandomSteps(new Random(seed), model::state);
            for (int i = 0; i < STEPS; i++) {
                both.execute(random.next(model.revision()));
            }
            both.finish();
        }
    }

    @Test
    @Tag("versions")
    void leasesExpireAsInEachVersion() {
        assertThat(versions().stream()
                        .map(version -> CompletableFuture.runAsync(() -> compareExpiry(version.server())))
                        .toList())
                .allSatisfy(compared -> assertThat(compared).succeedsWithin(Duration.ofMinutes(1)));
    }

    private static void compareExpiry(EtcdServer.Builder server) {
        ManualTime time = new ManualTime();
        Duration first = Duration.ofSeconds(2);
        Duration second = Duration.ofSeconds(5);
        try (EtcdServer running = server.args("--unsafe-no-fsync").start();
                LockStore etcdStore = TestStores.store(List.of(running.endpoint()));
                LockStore modelStore = new MemoryServer(time).connect();
                ComparedStore model = new ComparedStore(modelStore, () -> time.advance(Duration.ZERO));
                ComparedStore etcd = new ComparedStore(etcdStore, () -> {})) {
            Comparison both = new Comparison(model, etcd, "expiry");
            both.execute(new Step.Watch(KeyRange.prefix(RandomSteps.PREFIX)));
            both.execute(new Step.Watch(KeyRange.single(RandomSteps.KEYS.get(0))));
            // One second is less than etcd grants.
            both.execute(new Step.Grant(1000));
            both.execute(new Step.Grant(second.toMillis()));
            both.execute(new Step.Grant(300_000));
            // Every key goes from each lease to each other, and in the end they lie on all.
            for (int i = 0; i < 3 * RandomSteps.KEYS.size() * 4; i++) {
                String key = RandomSteps.KEYS.get(i % RandomSteps.KEYS.size());
                both.execute(new Step.Transaction(Txn.of(new Op.Put(key, "", (i + i / 7) % 4))));
            }
            expire(both, time, 1, first);
            expire(both, time, 2, second.minus(first));
            both.finish();
        }
    }

    private static void expire(Comparison both, ManualTime time, int lease, Duration left) {
        await().atMost(Duration.ofSeconds(15))
                .until(() -> both.etcd().execute(new Step.ReadLease(lease)), Kind.LEASE_NOT_FOUND::equals);
        time.advance(left.minusMillis(1));
        assertThat(both.model().execute(new Step.ReadLease(lease))).isNotEqualTo(Kind.LEASE_NOT_FOUND);
        time.advance(Duration.ofMillis(1));
        both.execute(new Step.ReadLease(lease));
        both.execute(new Step.KeepAlive(lease));
        both.execute(new Step.Revoke(lease));
        both.execute(new Step.Transaction(Txn.of(new Op.Put(RandomSteps.KEYS.get(1), "", lease))));
        both.execute(new Step.ReadLease(3));
    }

    /** Two stores that get the same requests; the second one is right. */
    private record Comparison(ComparedStore model, ComparedStore etcd, String name, List<Step> steps) {

        Comparison(ComparedStore model, ComparedStore etcd, String name) {
            this(model, etcd, name, new ArrayList<>());
        }

        void execute(Step step) {
            steps.add(step);
            Object truth = etcd.execute(step);
            assertThat(model.execute(step))
                    .as(() -> name + ", the last of these steps:\n" + lines())
                    .isEqualTo(truth);
        }

        void finish() {
            while (model.watches() > 0) {
                execute(new Step.Unwatch());
            }
            assertThat(model.state()).as(name).isEqualTo(etcd.state());
        }

        private String lines() {
            return IntStream.range(0, steps.size())
                    .mapToObj(i -> i + 1 + ". " + steps.get(i) + "\n")
                    .collect(Collectors.joining());
        }
    }

    /** So that the comparison cannot become one of nothing. */
    @Test
    void theRandomRequestsMeetEveryKindOfAnswer() {
        List<Object> answers = new ArrayList<>();
        List<Object> onValues = new ArrayList<>();
        List<Object> alsoOnValues = new ArrayList<>();
        for (long seed = 1; seed <= FEW_RUNS; seed++) {
            ManualTime time = new ManualTime();
            try (LockStore store = new MemoryServer(time).connect();
                    ComparedStore model = new ComparedStore(store, () -> time.advance(Duration.ZERO))) {
                RandomSteps random = new RandomSteps(new Random(seed), model::state);
                for (int i = 0; i < STEPS; i++) {
                    Step step = random.next(model.revision());
                    answers.add(model.execute(step));
                    if (step instanceof Step.Transaction transaction) {
                        Object answer = answers.get(answers.size() - 1);
                        if (areAboutValues(transaction.txn().conditions())) {
                            onValues.add(answer);
                        }
                        if (transaction.txn().conditions().stream().anyMatch(Compare.OfValue.class::isInstance)) {
                            alsoOnValues.add(answer);
                        }
                    }
                }
            }
        }

        Predicate<TxnResult> nested = answer -> answer.results().stream().anyMatch(TxnResult.class::isInstance);
        Predicate<TxnResult> more =
                answer -> answer.results().stream().anyMatch(each -> each instanceof OpResult.Keys keys && keys.more());
        assertThat(count(answers, TxnResult.class, TxnResult::succeeded)).isGreaterThan(300);
        assertThat(count(answers, TxnResult.class, answer -> !answer.succeeded()))
                .isGreaterThan(200);
        assertThat(count(answers, TxnResult.class, nested)).isGreaterThan(100);
        assertThat(count(answers, TxnResult.class, more)).isGreaterThan(20);
        assertThat(count(answers, Kind.class, Kind.INVALID::equals)).isGreaterThan(50);
        assertThat(count(answers, Kind.class, Kind.LEASE_NOT_FOUND::equals)).isGreaterThan(50);
        assertThat(count(answers, List.class, told -> told.size() > 3)).isGreaterThan(20);
        assertThat(count(alsoOnValues, TxnResult.class, TxnResult::succeeded)).isGreaterThan(20);
        assertThat(count(onValues, TxnResult.class, answer -> !answer.succeeded()))
                .isGreaterThan(20);
    }

    private static boolean areAboutValues(List<Compare> conditions) {
        return !conditions.isEmpty() && conditions.stream().allMatch(Compare.OfValue.class::isInstance);
    }

    private static <T> long count(List<Object> answers, Class<T> type, Predicate<T> which) {
        return answers.stream()
                .filter(type::isInstance)
                .map(type::cast)
                .filter(which)
                .count();
    }
}
