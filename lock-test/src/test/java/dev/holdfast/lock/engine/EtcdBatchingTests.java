package dev.holdfast.lock.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.lock.etcd.TestStores;
import dev.holdfast.lock.store.KeyRange;
import dev.holdfast.lock.store.LockStore;
import dev.holdfast.lock.store.Op;
import dev.holdfast.lock.store.StoreException;
import dev.holdfast.lock.store.Txn;
import dev.holdfast.lock.store.TxnResult;
import dev.holdfast.lock.test.EtcdServer;
import dev.holdfast.lock.test.ManualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a real etcd refuses for the sake of one transaction must not harm those that travel with it. */
class EtcdBatchingTests {

    private static final Duration TIMEOUT = Duration.ofSeconds(20);
    private static final LockKeys KEYS = new LockKeys("locks/", true);
    private static final String VALUE = Kind.EXCLUSIVE.valueStart() + "}";

    /** Stands still, so that a slow machine does not make the batches smaller. */
    private final ManualTime time = new ManualTime();

    private final List<AutoCloseable> opened = new ArrayList<>();

    @AfterEach
    void stop() throws Exception {
        for (int i = opened.size() - 1; i >= 0; i--) {
            opened.get(i).close();
        }
    }

    @Test
    void hundredTwentyFiveTravelTogetherAndEachIsAnswered() throws Exception {
        Travelling travelling = travelling(TestStores.store(List.of(start().endpoint())));
        List<CompletableFuture<TxnResult>> answers =
                names(125).stream().map(travelling::join).toList();
        travelling.go();

        long revision = result(answers.get(0)).revision();
        for (int i = 0; i < answers.size(); i++) {
            TxnResult answer = result(answers.get(i));
            assertThat(answer.succeeded()).isTrue();
            assertThat(answer.revision()).isEqualTo(revision);
            assertThat(answer.clusterId()).isNotZero();
            // What it read after its own put.
            assertThat(answer.keys(1).keys())
                    .singleElement()
                    .satisfies(key -> assertThat(key.createRevision()).isEqualTo(revision));
        }
        assertThat(travelling.sizes()).containsExactly(125);
    }

    @Test
    void aLeaseThatHasEndedHarmsNoNeighbour() throws Exception {
        Travelling travelling = travelling(TestStores.store(List.of(start().endpoint())));
        CompletableFuture<TxnResult> good = travelling.join("good");
        CompletableFuture<TxnResult> dead =
                travelling.send(protocol("dead", 4711).join(0, VALUE, 0));
        CompletableFuture<TxnResult> alsoGood = travelling.join("also-good");
        travelling.go();

        assertThat(failure(dead).kind()).isEqualTo(StoreException.Kind.LEASE_NOT_FOUND);
        assertThat(result(good).succeeded()).isTrue();
        assertThat(result(alsoGood).succeeded()).isTrue();
        assertThat(travelling.sizes()).containsExactly(3, 1, 1, 1);
    }

    /** etcd by itself executes in a nested transaction what it would refuse to the same one sent alone. */
    @Test
    void whatIsNotPermittedHarmsNoNeighbour() throws Exception {
        EtcdServer etcd = start("--bcrypt-cost=4");
        etcd.etcdctl("user", "add", "root:rootpw");
        etcd.etcdctl("user", "grant-role", "root", "root");
        etcd.etcdctl("role", "add", "locker");
        etcd.etcdctl("role", "grant-permission", "locker", "--prefix=true", "readwrite", "locks/");
        etcd.etcdctl("user", "add", "app:s3cret");
        etcd.etcdctl("user", "grant-role", "app", "locker");
        etcd.etcdctl("auth", "enable");
        Travelling travelling = travelling(TestStores.store(List.of(etcd.endpoint()), "app", "s3cret"));
        CompletableFuture<TxnResult> good = travelling.join("good");
        CompletableFuture<TxnResult> denied = travelling.send(Txn.of(new Op.Put("elsewhere/1", "", 0)));
        CompletableFuture<TxnResult> alsoGood = travelling.join("also-good");
        travelling.go();

        assertThat(failure(denied).kind()).isEqualTo(StoreException.Kind.PERMISSION_DENIED);
        assertThat(result(good).succeeded()).isTrue();
        assertThat(result(alsoGood).succeeded()).isTrue();
        assertThat(travelling.sizes()).containsExactly(3, 1, 1, 1);
    }

    @Test
    void aServerThatTakesFewOperationsIsServedInSmallerBatches() throws Exception {
        Travelling travelling =
                travelling(TestStores.store(List.of(start("--max-txn-ops=16").endpoint())));
        List<CompletableFuture<TxnResult>> answers =
                names(60).stream().map(travelling::join).toList();
        travelling.go();
        for (CompletableFuture<TxnResult> answer : answers) {
            assertThat(result(answer).succeeded()).isTrue();
        }

        for (int i = 0; i < 4; i++) {
            travelling.close();
            List<CompletableFuture<TxnResult>> reads = names(60).stream()
                    .map(name ->
                            travelling.send(protocol(name, travelling.lease()).readEntry()))
                    .toList();
            travelling.go();
            for (CompletableFuture<TxnResult> read : reads) {
                assertThat(result(read).keys(0).keys()).hasSize(1);
            }
        }
        // Learned by now: 15 nested ones and one operation in each.
        assertThat(travelling.sizes()).allMatch(size -> size <= 15).anyMatch(size -> size > 1);
    }

    @Test
    void aRequestThatIsTooLargeIsSentInParts() throws Exception {
        Travelling travelling = travelling(
                TestStores.store(List.of(start("--max-request-bytes=20000").endpoint())));
        List<CompletableFuture<TxnResult>> answers = names(40).stream()
                .map(name -> travelling.send(protocol(name, travelling.lease()).join(0, VALUE + "x".repeat(1_000), 0)))
                .toList();
        CompletableFuture<TxnResult> tooLarge =
                travelling.send(protocol("too-large", travelling.lease()).join(0, VALUE + "x".repeat(30_000), 0));
        travelling.go();

        for (CompletableFuture<TxnResult> answer : answers) {
            assertThat(result(answer).succeeded()).isTrue();
        }
        assertThat(failure(tooLarge).kind()).isEqualTo(StoreException.Kind.INVALID);
    }

    private EtcdServer start(String... args) {
        EtcdServer etcd = EtcdServer.builder().args(args).start();
        opened.add(etcd);
        return etcd;
    }

    private Travelling travelling(LockStore store) {
        opened.add(store);
        return new Travelling(store);
    }

    private static List<String> names(int count) {
        return IntStream.range(0, count).mapToObj(i -> "name-" + i).toList();
    }

    private static Protocol protocol(String name, long lease) {
        return Protocol.of(KEYS, Kind.EXCLUSIVE, List.of(name), lease, 0);
    }

    private static TxnResult result(CompletableFuture<TxnResult> answer) throws Exception {
        return answer.get(TIMEOUT.toSeconds(), TimeUnit.SECONDS);
    }

    private static StoreException failure(CompletableFuture<TxnResult> answer) {
        await().atMost(TIMEOUT).until(answer::isDone);
        return answer.handle((result, failure) -> StoreException.of(failure)).join();
    }

    /** Transactions that are gathered for certain: nothing before them is answered until they are told to go. */
    private final class Travelling {

        private final GatedStore gate;
        private final Batching batching;
        private final long lease;
        private int before;

        Travelling(LockStore store) {
            gate = new GatedStore(store);
            batching = new Batching(gate.store(), time, KEYS, BatchingTests.ONE_AT_A_TIME, size -> {});
            lease = store.grant(Duration.ofMinutes(5), TIMEOUT).join().leaseId();
            close();
        }

        long lease() {
            return lease;
        }

        /** Keeps what is sent from now on together. */
        void close() {
            gate.shut();
            for (int i = 0; i < BatchingTests.ONE_AT_A_TIME.underWay(); i++) {
                send(Txn.of(new Op.Get(KeyRange.single("locks/none-" + i + "/1"), Op.Order.OLDEST_FIRST, 0, 0, true)));
            }
            before = gate.sent().size();
        }

        CompletableFuture<TxnResult> join(String name) {
            return send(protocol(name, lease).join(0, VALUE, 0));
        }

        CompletableFuture<TxnResult> send(Txn txn) {
            CompletableFuture<TxnResult> answer = new CompletableFuture<>();
            batching.send(new Operation(txn, time.nanoTime(), TIMEOUT, new Mailbox(), (result, failure) -> {
                if (failure == null) {
                    answer.complete(result);
                } else {
                    answer.completeExceptionally(failure);
                }
            }));
            return answer;
        }

        void go() {
            gate.open();
        }

        /** Of the requests since the gate was shut. */
        List<Integer> sizes() {
            return gate.sizes().subList(before, gate.sizes().size());
        }
    }
}
