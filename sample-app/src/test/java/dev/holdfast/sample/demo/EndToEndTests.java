package dev.holdfast.sample.demo;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.lock.test.EtcdServer;
import dev.holdfast.sample.SampleApplication;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two instances as processes of their own, on a real etcd, seen from outside as an operator sees them. */
class EndToEndTests {

    private static final Duration TTL = Duration.ofSeconds(5);
    private static final Duration NEVER_DONE = Duration.ofMinutes(1);

    /** A key is missed by the first audit after its end, and there is one every TTL/6. */
    private static final Duration AUDIT = TTL.dividedBy(6).plusSeconds(2);

    @TempDir
    static Path directory;

    private static EtcdServer etcd;
    private static Instance a;
    private static Instance b;

    private final Rush rush = new Rush(16);

    @BeforeAll
    static void startAll() {
        etcd = EtcdServer.start();
        a = start("a");
        b = start("b").awaitReady();
        a.awaitReady();
    }

    @AfterAll
    static void stopAll() {
        a.close();
        b.close();
        etcd.close();
    }

    @AfterEach
    void sendCustomersHome() {
        rush.close();
    }

    @Test
    void bothInstancesTogetherSellEverySeatOnce() throws Exception {
        long event = a.createEvent("Concert", 40);
        Outcome outcome = Outcome.of(Rush.answers(rush.start(List.of(a, b), event, true, 80)), b.event(event));
        assertThat(outcome.asked()).isEqualTo(80);
        assertThat(outcome.sold()).isEqualTo(40);
        assertThat(outcome.failed()).isZero();
    }

    @Test
    void withoutTheLockTheyOversell() throws Exception {
        long event = a.createEvent("Concert", 40);
        Outcome outcome = Outcome.of(Rush.answers(rush.start(List.of(a, b), event, false, 80)), b.event(event));
        assertThat(outcome.oversold()).isPositive();
    }

    @Test
    void aKilledHolderIsSucceededWithinTheTtl() throws Exception {
        Instance holder = start("victim").awaitReady();
        TakeOver takeOver = TakeOver.provoke(rush, holder, b, b.createEvent("Concert", 5), 10, TTL);
        assertThat(takeOver.time()).isLessThanOrEqualTo(takeOver.allowed());
        assertThat(takeOver.outcome().sold()).isEqualTo(5);
        assertThat(takeOver.outcome().failed()).isZero();
    }

    @Test
    void aLockHeldByEtcdctlKeepsTheSampleWaiting() throws Exception {
        long event = a.createEvent("Concert", 5);
        Future<Answer> booking;
        try (EtcdctlLock other = new EtcdctlLock(etcd, lockOf(event))) {
            assertThat(other.key().get(10, SECONDS)).startsWith(lockOf(event) + "/");
            booking = rush.start(List.of(a), event, true, 1).get(0);
            await().until(() -> a.metric("holdfast.locks.waiting") == 1 && keys(event) == 2);
            assertThat(booking).isNotDone();
        }
        assertThat(booking.get(10, SECONDS).isBooked()).isTrue();
    }

    @Test
    void aLockHeldByTheSampleKeepsEtcdctlWaiting() throws Exception {
        long event = a.createEvent("Concert", 5);
        Future<Answer> booking = rush.startSlow(a, event, Duration.ofSeconds(3));
        await().until(() -> keys(event) == 1);
        try (EtcdctlLock other = new EtcdctlLock(etcd, lockOf(event))) {
            await().until(() -> keys(event) == 2);
            assertThat(other.key()).isNotDone();
            assertThat(booking.get(10, SECONDS).isBooked()).isTrue();
            assertThat(other.key().get(10, SECONDS)).startsWith(lockOf(event) + "/");
        }
    }

    @Test
    void aKeyDeletedUnderARunningBookingIsNoticed() throws Exception {
        long event = a.createEvent("Concert", 5);
        Future<Answer> booking = rush.startSlow(a, event, NEVER_DONE);
        await().until(() -> keys(event) == 1 && a.metric("holdfast.locks.held") == 1);
        etcd.etcdctl("del", "--prefix", lockOf(event) + "/");
        Answer answer = booking.get(AUDIT.toMillis(), MILLISECONDS);
        assertThat(answer.status()).isEqualTo(409);
        assertThat(answer.reason()).isEqualTo("lost");
        assertThat(a.event(event).path("sold").asInt()).isZero();
        await().untilAsserted(() -> assertThat(a.metric("holdfast.lock.lost")).isEqualTo(1));
    }

    @Test
    void healthFollowsEtcdAndBookingsOpenAgain() throws Exception {
        long event = a.createEvent("Concert", 5);
        assertThat(health(a)).isEqualTo("UP");
        etcd.kill();
        assertThat(health(a)).isEqualTo("DOWN");
        Answer closed = a.book(event, true, "ann");
        assertThat(closed.status()).isEqualTo(503);
        assertThat(closed.reason()).isEqualTo("unavailable");
        etcd.restart();
        await().atMost(20, SECONDS).until(() -> health(a).equals("UP"));
        await().atMost(20, SECONDS).until(() -> a.book(event, true, "ann").isBooked());
    }

    private static Instance start(String name) {
        List<String> application =
                List.of("-cp", System.getProperty("java.class.path"), SampleApplication.class.getName());
        Map<String, String> properties = Map.of(
                "spring.datasource.url",
                "jdbc:h2:file:" + directory.resolve("tickets") + ";AUTO_SERVER=TRUE",
                "holdfast.etcd.endpoints",
                etcd.endpoint(),
                "sample.booking.ttl",
                TTL.toSeconds() + "s",
                "sample.settlement-schedule",
                "-");
        return new Instance(name, application, properties, directory);
    }

    private static String health(Instance instance) {
        return instance.health()
                .orElseThrow()
                .body()
                .path("components")
                .path("etcdLock")
                .path("status")
                .asString();
    }

    private static String lockOf(long event) {
        return "locks/booking:event:" + event;
    }

    private static long keys(long event) {
        return etcd.etcdctl("get", "--prefix", "--keys-only", lockOf(event) + "/")
                .lines()
                .filter(line -> !line.isBlank())
                .count();
    }
}
