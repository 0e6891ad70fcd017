package dev.holdfast.lock.etcd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.holdfast.lock.LockException;
import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.LockOptions;
import dev.holdfast.lock.LockRegistry;
import dev.holdfast.lock.test.EtcdServer;
import dev.holdfast.lock.test.Measured;
import dev.holdfast.lock.test.TcpLink;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.LoggerFactory;

/** What an operator reads of an outage under load: what happened, to which locks, and that it is over. Not a line for each try. */
@Timeout(180)
class EtcdOutageLogTests {

    private static final Duration TTL = Duration.ofSeconds(5);
    private static final int HELD = 40;
    private static final int CALLERS = 6;

    /** The beginning, a session in doubt and lost, the end, and new connections meanwhile. */
    private static final int MOST_LINES = 8;

    private static final List<String> LOGGERS =
            List.of("dev.holdfast.lock", "io.grpc", "io.etcd", "io.netty", "io.vertx");

    private final ListAppender<ILoggingEvent> lines = new ListAppender<>();
    private final List<Level> levels = new ArrayList<>();

    /** gRPC logs there, which Boot brings into the same log. */
    private final List<String> julLines = new CopyOnWriteArrayList<>();

    private final Handler jul = new Handler() {
        @Override
        public void publish(LogRecord record) {
            julLines.add(record.getLoggerName() + " " + record.getMessage());
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    };

    @BeforeEach
    void listen() {
        lines.list = new CopyOnWriteArrayList<>();
        lines.start();
        for (String name : LOGGERS) {
            Logger logger = (Logger) LoggerFactory.getLogger(name);
            levels.add(logger.getLevel());
            logger.setLevel(Level.INFO);
            logger.addAppender(lines);
        }
        java.util.logging.Logger.getLogger("io.grpc").addHandler(jul);
    }

    @AfterEach
    void stopListening() {
        for (int i = 0; i < LOGGERS.size(); i++) {
            Logger logger = (Logger) LoggerFactory.getLogger(LOGGERS.get(i));
            logger.setLevel(levels.get(i));
            logger.detachAppender(lines);
        }
        java.util.logging.Logger.getLogger("io.grpc").removeHandler(jul);
    }

    @Test
    void anEtcdThatIsGoneIsAFewLines() {
        outage(Duration.ofSeconds(15), Outage.GONE);
    }

    @Test
    void anEtcdThatDoesNotAnswerIsAFewLines() {
        outage(Duration.ofSeconds(15), Outage.SILENT);
    }

    @Test
    @Tag("faults")
    void aMinuteWithoutAnEtcdThatIsGoneIsNoMoreLines() {
        outage(Duration.ofSeconds(60), Outage.GONE);
    }

    @Test
    @Tag("faults")
    void aMinuteWithoutAnswersIsNoMoreLines() {
        outage(Duration.ofSeconds(60), Outage.SILENT);
    }

    @Test
    void aDeletedKeyIsALineThatNamesLockHolderAndReason() throws Exception {
        try (EtcdServer etcd = EtcdServer.start();
                LockRegistry registry = registry(etcd.endpoint())) {
            LockHandle handle = CompletableFuture.supplyAsync(
                            () -> registry.lock("seat-7").tryAcquire().orElseThrow(),
                            task -> new Thread(task, "the-holder").start())
                    .join();
            etcd.etcdctl("del", "--prefix", "locks/seat-7/");
            await().atMost(Duration.ofSeconds(10)).until(() -> !handle.isHeld());
            await().untilAsserted(() -> assertThat(lines.list)
                    .extracting(ILoggingEvent::getFormattedMessage)
                    .anySatisfy(line -> assertThat(line)
                            .startsWith(
                                    "Lock 'seat-7' is lost (key-deleted): somebody deleted its key. Thread 'the-holder' had held"
                                            + " it for ")));
        }
    }

    @Test
    void aLockThatIsNotRenewedSaysThatItsTimeIsOver() throws Exception {
        try (EtcdServer etcd = EtcdServer.start();
                LockRegistry registry = registry(etcd.endpoint())) {
            LockHandle handle =
                    registry.lock("short", registry.defaults().withRenew(false)).acquire();
            await().atMost(Duration.ofSeconds(15)).until(() -> !handle.isHeld());
            await().untilAsserted(
                            () -> assertThat(lines.list)
                                    .extracting(ILoggingEvent::getFormattedMessage)
                                    .anySatisfy(
                                            line -> assertThat(line)
                                                    .startsWith(
                                                            "Lock 'short' is lost (expired): its TTL has passed, and it was not to be renewed.")));
            assertThat(lines.list).extracting(ILoggingEvent::getLevel).doesNotContain(Level.ERROR);
        }
    }

    private enum Outage {
        GONE {
            @Override
            void begin(TcpLink link) {
                link.refuse();
            }

            @Override
            void end(TcpLink link) {
                link.accept();
            }
        },
        SILENT {
            @Override
            void begin(TcpLink link) {
                link.pauseToServer();
                link.pauseToClient();
            }

            @Override
            void end(TcpLink link) {
                link.resume();
            }
        };

        abstract void begin(TcpLink link);

        abstract void end(TcpLink link);
    }

    private void outage(Duration duration, Outage outage) {
        AtomicBoolean over = new AtomicBoolean();
        List<Thread> callers = new ArrayList<>();
        try (EtcdServer etcd = EtcdServer.start();
                TcpLink link = TcpLink.to(etcd.endpoint());
                LockRegistry registry = registry(link.endpoint())) {
            for (int i = 0; i < HELD; i++) {
                registry.lock("held-" + i).tryAcquire().orElseThrow();
            }
            for (int i = 0; i < CALLERS; i++) {
                callers.add(caller(registry, i, over));
            }
            await().pollDelay(Duration.ofSeconds(1)).until(() -> true);
            lines.list.clear();
            julLines.clear();
            outage.begin(link);
            await().pollDelay(duration).atMost(duration.plusSeconds(10)).until(() -> true);
            outage.end(link);
            await().atMost(Duration.ofSeconds(30))
                    .ignoreExceptionsInstanceOf(LockException.class)
                    .until(() -> registry.lock("after").tryAcquire(Duration.ofMillis(500)), handle -> {
                        handle.ifPresent(LockHandle::release);
                        return handle.isPresent();
                    });
            await().atMost(Duration.ofSeconds(20))
                    .untilAsserted(() -> assertThat(lines.list)
                            .extracting(ILoggingEvent::getFormattedMessage)
                            .anySatisfy(line -> assertThat(line).startsWith("etcd confirms again")));
            over.set(true);
            assertLines(duration);
        } finally {
            over.set(true);
            callers.forEach(EtcdOutageLogTests::join);
        }
    }

    private void assertLines(Duration duration) {
        List<String> read = new ArrayList<>(julLines);
        lines.list.forEach(
                line -> read.add(line.getLevel() + " " + line.getLoggerName() + " " + line.getFormattedMessage()));
        Measured.log("outage-" + duration.toSeconds() + "s.log-lines", read.size(), "lines");
        assertThat(read)
                .as("all lines of the outage")
                .hasSizeLessThanOrEqualTo(MOST_LINES)
                .anySatisfy(line -> assertThat(line).contains("WARN").contains("etcd has not confirmed lease"))
                .anySatisfy(line -> assertThat(line)
                        .contains("ERROR")
                        .contains("has ended: no renewal reached etcd in time")
                        .contains("Lost with it: ")
                        .containsPattern("'held-\\d+' \\(thread "));
        assertThat(lines.list)
                .as("no stack traces")
                .allSatisfy(line -> assertThat(line.getThrowableProxy()).isNull());
    }

    /** As a service would: one call after the other on names of its own, with and without patience. */
    private static Thread caller(LockRegistry registry, int number, AtomicBoolean over) {
        Thread thread = new Thread(
                () -> {
                    for (int i = 0; !over.get(); i++) {
                        try {
                            registry.lock("name-" + number + "-" + i % 20)
                                    .tryAcquire(Duration.ofMillis(i % 2 == 0 ? 0 : 300))
                                    .ifPresent(LockHandle::release);
                        } catch (LockException | IllegalStateException unavailable) {
                            // asked again
                        } catch (InterruptedException nobodyInterrupts) {
                            return;
                        }
                    }
                },
                "caller-" + number);
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    private static void join(Thread thread) {
        try {
            thread.join(10_000);
        } catch (InterruptedException interrupt) {
            Thread.currentThread().interrupt();
        }
    }

    private static LockRegistry registry(String endpoint) {
        return EtcdLockRegistry.builder()
                .endpoints(endpoint)
                .defaults(LockOptions.defaults().withTtl(TTL))
                .build();
    }
}
