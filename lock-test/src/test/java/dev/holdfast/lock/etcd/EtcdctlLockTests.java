package dev.holdfast.lock.etcd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import dev.holdfast.lock.LeaseLock;
import dev.holdfast.lock.LockConflictException;
import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.LockOptions;
import dev.holdfast.lock.LockRegistry;
import dev.holdfast.lock.store.KeyRange;
import dev.holdfast.lock.store.LockStore;
import dev.holdfast.lock.store.Op;
import dev.holdfast.lock.store.Txn;
import dev.holdfast.lock.test.EtcdExtension;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** The real {@code etcdctl lock} in one queue with ours, of every kind. */
class EtcdctlLockTests {

    @RegisterExtension
    static final EtcdExtension ETCD = EtcdExtension.withServer();

    private static final Duration SOON = Duration.ofSeconds(20);
    private static final Duration LONG = Duration.ofSeconds(60);

    @TempDir
    Path directory;

    private final String prefix = ETCD.uniquePrefix();
    private final List<Contender> contenders = new ArrayList<>();
    private LockRegistry locks;
    private LockStore inspector;

    @BeforeEach
    void open() {
        locks = otherProcess();
        inspector = TestStores.connect(ETCD.endpoints());
    }

    @AfterEach
    void close() {
        contenders.forEach(Contender::kill);
        locks.close();
        inspector.close();
    }

    @Test
    void exclusiveLocksTakeTurnsInTheOrderOfTheirEntries() throws Exception {
        LockHandle first = locks.lock("report").acquire();
        Contender second = new Contender("report", 2);
        CompletableFuture<Optional<LockHandle>> third = locks.lock("report").tryAcquireAsync(LONG);
        // Ours stands behind ours in this process, so let another process queue it.
        try (LockRegistry other = otherProcess()) {
            CompletableFuture<Optional<LockHandle>> theirs =
                    other.lock("report").tryAcquireAsync(LONG);
            awaitEntries("report", 3);
            Contender fourth = new Contender("report", 4);
            assertThat(second.holds()).isFalse();

            first.release();
            second.awaitHold();
            assertThat(theirs).isNotDone();
            assertThat(locks.lock("report").tryAcquire()).isEmpty();

            second.release();
            LockHandle held = theirs.get(20, TimeUnit.SECONDS).orElseThrow();
            assertThat(fourth.holds()).isFalse();
            assertThat(third).isNotDone();

            held.release();
            fourth.awaitHold();
            assertThat(third).isNotDone();
            fourth.release();
            assertThat(third.get(20, TimeUnit.SECONDS)).isPresent();
        }
    }

    @Test
    void amongReadersItIsAWriter() throws Exception {
        LeaseLock reading = locks.readWriteLock("page").readLock();
        LockHandle first = reading.acquire();
        LockHandle second = reading.acquire();
        Contender writer = new Contender("page", 3);
        CompletableFuture<Optional<LockHandle>> late = reading.tryAcquireAsync(LONG);
        awaitEntries("page", 4);

        first.release();
        assertThat(writer.holds()).isFalse();
        assertThat(second.isHeld()).isTrue();
        second.release();
        writer.awaitHold();
        assertThat(late).isNotDone();
        writer.release();

        assertThat(late.get(20, TimeUnit.SECONDS)).hasValueSatisfying(LockHandle::release);
    }

    @Test
    void amongPermitsItIsAnExclusiveContender() throws Exception {
        LeaseLock permits = locks.semaphore("pool", 2);
        LockHandle first = permits.acquire();
        LockHandle second = permits.acquire();
        CompletableFuture<Optional<LockHandle>> third = permits.tryAcquireAsync(LONG);
        awaitEntries("pool", 3);
        Contender alone = new Contender("pool", 4);

        // Full as far as this process knows; another one reads who is there.
        assertThat(permits.tryAcquire()).isEmpty();
        try (LockRegistry other = otherProcess()) {
            assertThatExceptionOfType(LockConflictException.class)
                    .isThrownBy(() -> other.semaphore("pool", 2).tryAcquire(LONG))
                    .withMessageContaining("an exclusive lock by another program");
        }
        first.release();
        LockHandle held = third.get(20, TimeUnit.SECONDS).orElseThrow();
        second.release();
        assertThat(alone.holds()).isFalse();
        held.release();
        alone.awaitHold();
        assertThatExceptionOfType(LockConflictException.class).isThrownBy(() -> permits.tryAcquire(LONG));

        alone.release();
        awaitEntries("pool", 0);
        assertThat(permits.tryAcquire()).isPresent();
    }

    @Test
    void itWaitsForASetOfNamesAndTheSetForIt() throws Exception {
        LockHandle both = locks.allOf(List.of("seat-1", "seat-2")).acquire();
        Contender waiter = new Contender("seat-1", 2);
        CompletableFuture<Optional<LockHandle>> again =
                locks.allOf(List.of("seat-2", "seat-1")).tryAcquireAsync(LONG);
        assertThat(waiter.holds()).isFalse();

        both.release();
        waiter.awaitHold();
        awaitEntries("seat-1", 2);
        awaitEntries("seat-2", 1);
        assertThat(again).isNotDone();
        waiter.release();

        assertThat(again.get(20, TimeUnit.SECONDS)).isPresent();
    }

    private LockRegistry otherProcess() {
        return TestStores.registry(
                ETCD.endpoints(), prefix, LockOptions.defaults().withTtl(Duration.ofSeconds(5)), List.of());
    }

    private void awaitEntries(String name, int number) {
        await().atMost(SOON).until(() -> entries(name) == number);
    }

    private int entries(String name) {
        return inspector
                .txn(
                        Txn.of(new Op.Get(KeyRange.prefix(prefix + name + "/"), Op.Order.OLDEST_FIRST, 0, 0, true)),
                        Duration.ofSeconds(3))
                .join()
                .keys(0)
                .keys()
                .size();
    }

    /** A running {@code etcdctl lock NAME}, which says its key when it holds and lets go at SIGTERM. */
    private final class Contender {

        private final Process process;
        private final Path output;

        /** Starts it, and returns when its entry is in the queue. */
        private Contender(String name, int entriesThen) throws IOException {
            output = Files.createTempFile(directory, "etcdctl", ".out");
            process = ETCD.server()
                    .etcdctlProcess("lock", "--ttl", "10", prefix + name)
                    .redirectOutput(output.toFile())
                    .start();
            contenders.add(this);
            awaitEntries(name, entriesThen);
        }

        private boolean holds() {
            try {
                return !Files.readString(output).isEmpty();
            } catch (IOException failed) {
                throw new java.io.UncheckedIOException(failed);
            }
        }

        private void awaitHold() {
            await().atMost(SOON).until(this::holds);
        }

        private void release() {
            process.destroy();
        }

        private void kill() {
            process.destroyForcibly();
        }
    }
}
