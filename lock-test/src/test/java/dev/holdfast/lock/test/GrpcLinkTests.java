package dev.holdfast.lock.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.lock.etcd.TestStores;
import dev.holdfast.lock.store.KeyRange;
import dev.holdfast.lock.store.LeaseGrant;
import dev.holdfast.lock.store.LockStore;
import dev.holdfast.lock.store.Op;
import dev.holdfast.lock.store.StoreException;
import dev.holdfast.lock.store.StoreException.Kind;
import dev.holdfast.lock.store.Txn;
import dev.holdfast.lock.test.GrpcLink.Loss;
import dev.holdfast.lock.test.GrpcLink.Method;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The proxy does to a real etcd's connections what it says, and nothing else. */
class GrpcLinkTests {

    private static final Duration TIMEOUT = Duration.ofSeconds(1);
    private static final Duration TTL = Duration.ofSeconds(60);

    private static EtcdServer etcd;
    private static LockStore direct;

    private GrpcLink link;
    private LockStore store;

    @BeforeAll
    static void startEtcd() {
        etcd = EtcdServer.start();
        direct = TestStores.store(List.of(etcd.endpoint()));
    }

    @AfterAll
    static void stopEtcd() {
        direct.close();
        etcd.close();
    }

    @BeforeEach
    void connect() {
        link = GrpcLink.to(etcd.endpoint());
        store = TestStores.store(List.of(link.endpoint()));
    }

    @AfterEach
    void disconnect() {
        link.resume();
        store.close();
        link.close();
    }

    @Test
    void whatIsNotTouchedPassesUnchanged() {
        String value = "x".repeat(300_000);
        for (int i = 0; i < 200; i++) {
            store.txn(put("plain-" + i, i % 20 == 0 ? value : "v"), TIMEOUT).join();
        }
        assertThat(read(store, "plain-20")).hasSize(value.length());
        List<CompletableFuture<?>> many = new ArrayList<>();
        for (int i = 0; i < 500; i++) {
            many.add(store.txn(put("many-" + i, "v"), Duration.ofSeconds(10)));
        }
        assertThat(CompletableFuture.allOf(many.toArray(CompletableFuture[]::new)))
                .succeedsWithin(Duration.ofSeconds(10));
    }

    @ParameterizedTest
    @EnumSource
    void exactlyOneAnswerOfATransactionIsLostAndItWasExecuted(Loss loss) {
        CompletableFuture<Void> lost = link.loseNext(Method.TXN, loss);
        // Another method's answer is not meant.
        LeaseGrant lease = store.grant(TTL, TIMEOUT).join();
        assertThat(lost).isNotDone();

        StoreException failure = failure(store.txn(put("lost-" + loss, "v"), TIMEOUT));

        assertThat(failure.kind()).isEqualTo(loss == Loss.CUT ? Kind.UNAVAILABLE : Kind.TIMEOUT);
        assertThat(lost).isCompleted();
        assertThat(read(direct, "lost-" + loss)).isEqualTo("v");
        assertThat(read(store, "lost-" + loss)).isEqualTo("v");
        store.revoke(lease.leaseId(), TIMEOUT).join();
    }

    @Test
    void aSilentLossLeavesEveryOtherCallAlone() {
        WatchRecorder watch = new WatchRecorder();
        store.watch(KeyRange.single("beside"), watch);
        await().until(() -> watch.readies() == 1);
        // Far more than one flow control window, so the bytes that were dropped must have been given back.
        String value = "x".repeat(50_000);
        store.txn(put("beside", value), TIMEOUT).join();
        for (int i = 0; i < 40; i++) {
            CompletableFuture<Void> lost = link.loseNext(Method.TXN, Loss.SILENCE);
            CompletableFuture<?> unanswered = store.txn(Txn.of(Op.Get.key("beside")), Duration.ofMillis(100));
            await().pollInterval(Duration.ofMillis(2)).until(lost::isDone);
            assertThat(read(store, "beside")).hasSize(value.length());
            assertThat(failure(unanswered).kind()).isEqualTo(Kind.TIMEOUT);
        }
        store.txn(put("beside", "end"), TIMEOUT).join();
        await().until(() -> watch.changes().size() == 2);
        assertThat(watch.readies()).isEqualTo(1);
        assertThat(watch.breaks()).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void aGrantRevokeOrRenewalIsLostAfterItWasDone(Loss loss) {
        LeaseGrant lease = store.grant(TTL, TIMEOUT).join();
        double leases = leases();

        link.loseNext(Method.LEASE_GRANT, loss);
        failure(store.grant(TTL, TIMEOUT));
        assertThat(leases()).isEqualTo(leases + 1);

        double renewed = etcd.metric("etcd_debugging_lease_renewed_total");
        link.loseNext(Method.LEASE_KEEP_ALIVE, loss);
        failure(store.keepAlive(lease.leaseId(), TIMEOUT));
        assertThat(etcd.metric("etcd_debugging_lease_renewed_total")).isEqualTo(renewed + 1);

        link.loseNext(Method.LEASE_REVOKE, loss);
        failure(store.revoke(lease.leaseId(), TIMEOUT));
        assertThat(leases()).isEqualTo(leases);
    }

    @Test
    void everyConnectionIsCutRightAfterAWatchIsCreated() {
        link.cutAfterCreated(true);
        for (int i = 1; i <= 3; i++) {
            WatchRecorder watch = new WatchRecorder();
            // The store connects again in its own time.
            await().pollInterval(Duration.ofMillis(20)).until(() -> succeeds(Duration.ofMillis(500)));
            store.watch(KeyRange.single("watched"), watch);
            await().until(() -> watch.breaks().size() == 1);
            assertThat(watch.readies()).isEqualTo(1);
            assertThat(link.cutsAfterCreated()).isEqualTo(i);
        }
        link.cutAfterCreated(false);
        await().pollInterval(Duration.ofMillis(20)).until(() -> succeeds(Duration.ofMillis(500)));
        WatchRecorder watch = new WatchRecorder();
        store.watch(KeyRange.single("watched"), watch);
        await().until(() -> watch.readies() == 1);
        direct.txn(put("watched", "v"), TIMEOUT).join();
        await().until(() -> watch.changes().size() == 1);
    }

    @Test
    void eachDirectionIsDelayedByItsTime() throws Exception {
        Duration toServer = Duration.ofMillis(400);
        Duration toClient = Duration.ofMillis(250);
        link.delay(toServer, toClient);
        // Both are under way at once: a delay, not a slow line.
        Duration there = toServer.plus(toClient);
        Duration twice = there.multipliedBy(2);
        AtomicInteger round = new AtomicInteger();

        Duration took = Quickest.of(twice, () -> {
            String key = "delayed-" + round.incrementAndGet();
            long sent = System.nanoTime();
            CompletableFuture<?> first = store.txn(put(key + "-a", "v"), Duration.ofSeconds(5));
            CompletableFuture<?> second = store.txn(put(key + "-b", "v"), Duration.ofSeconds(5));
            await().pollInterval(Duration.ofMillis(5))
                    .until(() -> read(direct, key + "-a").equals("v")
                            || read(direct, key + "-b").equals("v"));
            assertThat(since(sent)).isGreaterThanOrEqualTo(toServer);
            CompletableFuture.allOf(first, second).join();
            return since(sent);
        });

        assertThat(took).isBetween(there, twice);
    }

    @Test
    void aPausedDirectionDeliversLateAndTheOtherGoesOn() {
        link.pauseToServer();
        CompletableFuture<?> unsent = store.txn(put("late", "request"), Duration.ofSeconds(5));
        await().during(Duration.ofMillis(200)).until(() -> read(direct, "late").isEmpty());
        link.resume();
        unsent.join();
        assertThat(read(direct, "late")).isEqualTo("request");

        link.pauseToClient();
        CompletableFuture<?> unheard = store.txn(put("late", "answer"), Duration.ofSeconds(5));
        await().until(() -> read(direct, "late").equals("answer"));
        assertThat(unheard).isNotDone();
        link.resume();
        unheard.join();

        link.pauseToServer();
        link.pauseToClient();
        assertThat(failure(store.txn(put("late", "both"), Duration.ofMillis(200)))
                        .kind())
                .isEqualTo(Kind.TIMEOUT);
        link.resume();
    }

    @Test
    void connectionsAreCutAndRefusedAndAcceptedAgain() {
        WatchRecorder watch = new WatchRecorder();
        store.watch(KeyRange.single("cut"), watch);
        await().until(() -> watch.readies() == 1);

        link.cut();
        await().until(() -> watch.breaks().size() == 1);
        await().pollInterval(Duration.ofMillis(20)).until(() -> succeeds(TIMEOUT));

        link.refuse();
        await().untilAsserted(() ->
                assertThat(failure(store.txn(put("cut", "v"), TIMEOUT))).hasMessageContaining("Connection refused"));
        link.accept();
        await().pollInterval(Duration.ofMillis(20))
                .atMost(Duration.ofSeconds(3))
                .until(() -> succeeds(TIMEOUT));
    }

    @Test
    void connectionsCutWhileTheyComeAboutEndNothingElse() throws Exception {
        URI url = URI.create(link.endpoint());
        for (int i = 0; i < 300; i++) {
            Socket socket = new Socket(url.getHost(), url.getPort());
            link.cut();
            socket.close();
        }
        await().pollInterval(Duration.ofMillis(20))
                .atMost(Duration.ofSeconds(5))
                .until(() -> succeeds(TIMEOUT));
    }

    private boolean succeeds(Duration timeout) {
        return store.txn(put("probe", "v"), timeout)
                .handle((answer, failure) -> failure == null)
                .join();
    }

    private static double leases() {
        return etcd.etcdctl("lease", "list").lines().count();
    }

    private static Duration since(long nanos) {
        return Duration.ofNanos(System.nanoTime() - nanos);
    }

    private static Txn put(String key, String value) {
        return Txn.of(new Op.Put(key, value, 0));
    }

    private static String read(LockStore store, String key) {
        var found = store.txn(Txn.of(Op.Get.key(key)), Duration.ofSeconds(5))
                .join()
                .keys(0)
                .keys();
        return found.isEmpty() ? "" : found.get(0).value();
    }

    private static StoreException failure(CompletableFuture<?> future) {
        return future.handle((answer, failure) -> StoreException.of(failure)).join();
    }
}
