package dev.holdfast.sample.demo;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.lock.test.EtcdServer;
import dev.holdfast.sample.SampleApplication;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The sample as the build processed it ahead of time: bean definitions, proxies and conditions are those of the build. */
class AotTests {

    @TempDir
    static Path directory;

    private static EtcdServer etcd;
    private static Instance instance;

    private final Rush rush = new Rush(16);

    @BeforeAll
    static void start() {
        etcd = EtcdServer.start();
        List<String> application = List.of(
                "-Dspring.aot.enabled=true",
                "-cp",
                System.getProperty("java.class.path"),
                SampleApplication.class.getName());
        Map<String, String> properties = Map.of(
                "spring.datasource.url",
                "jdbc:h2:mem:tickets",
                "holdfast.etcd.endpoints",
                etcd.endpoint(),
                "sample.settlement-schedule",
                "-");
        instance = new Instance("aot", application, properties, directory).awaitReady();
    }

    @AfterAll
    static void stop() {
        instance.close();
        etcd.close();
    }

    @AfterEach
    void sendCustomersHome() {
        rush.close();
    }

    @Test
    void itRunsAheadOfTime() throws Exception {
        assertThat(Files.readString(directory.resolve("aot.log"))).contains("Starting AOT-processed SampleApplication");
    }

    @Test
    void ticketsAreSoldOnceUnderTheLock() throws Exception {
        long event = instance.createEvent("Concert", 10);
        Outcome outcome =
                Outcome.of(Rush.answers(rush.start(List.of(instance), event, true, 20)), instance.event(event));
        assertThat(outcome.sold()).isEqualTo(10);
        assertThat(outcome.failed()).isZero();
    }

    @Test
    void aLockHeldByAnotherProgramKeepsItWaiting() throws Exception {
        long event = instance.createEvent("Concert", 5);
        String lock = "locks/booking:event:" + event;
        Future<Answer> booking;
        try (EtcdctlLock other = new EtcdctlLock(etcd, lock)) {
            assertThat(other.key().get(30, SECONDS)).startsWith(lock + "/");
            booking = rush.start(List.of(instance), event, true, 1).get(0);
            await().atMost(30, SECONDS).until(() -> instance.metric("holdfast.locks.waiting") == 1);
            assertThat(booking).isNotDone();
        }
        assertThat(booking.get(30, SECONDS).isBooked()).isTrue();
    }
}
