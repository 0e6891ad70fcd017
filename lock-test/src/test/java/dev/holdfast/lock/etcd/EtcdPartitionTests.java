package dev.holdfast.lock.etcd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.LockLoss;
import dev.holdfast.lock.LockOptions;
import dev.holdfast.lock.LockRegistry;
import dev.holdfast.lock.store.KeyChange;
import dev.holdfast.lock.store.KeyRange;
import dev.holdfast.lock.store.LockStore;
import dev.holdfast.lock.store.StoreException;
import dev.holdfast.lock.test.EtcdServer;
import dev.holdfast.lock.test.TcpLink;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A holder is cut off from etcd, in one direction or both: it learns of the loss before anybody else can have the lock. */
class EtcdPartitionTests {

    private static final Duration TTL = Duration.ofSeconds(5);

    /** From the loss to its callback, on a busy machine. */
    private static final Duration CALLBACK = Duration.ofMillis(300);

    private EtcdServer etcd;
    private EtcdStore observer;

    @BeforeEach
    void start() {
        etcd = EtcdServer.start();
        observer = TestStores.connect(List.of(etcd.endpoint()));
    }

    @AfterEach
    void stop() {
        observer.close();
        etcd.close();
    }

    @Test
    void aHolderCutOffLearnsOfTheLossFirst() throws Exception {
        assertHoldersLearnFirst(new Random().nextLong());
    }

    @Test
    @Tag("faults")
    void aHolderCutOffAtAnyMomentLearnsOfTheLossFirst() throws Exception {
        for (int i = 0; i < 5; i++) {
            assertHoldersLearnFirst(new Random().nextLong());
        }
    }

    /** Three holders, each cut off in its own way at its own moment. */
    private void assertHoldersLearnFirst(long seed) throws Exception {
        Random random = new Random(seed);
        List<Holder> holders = new ArrayList<>();
        try {
            holders.add(new Holder("requests-" + seed, false, TcpLink::pauseToServer));
            holders.add(new Holder("answers-" + seed, true, TcpLink::pauseToClient));
            holders.add(new Holder("both-" + seed, false, link -> {
                link.pauseToServer();
                link.pauseToClient();
            }));
            for (Holder holder : holders) {
                Duration moment = Duration.ofMillis(random.nextInt(1_000));
                await().pollDelay(moment).until(() -> true);
                assertThat(holder.handle.isHeld()).as(holder.name).isTrue();
                holder.cutOff.accept(holder.link);
            }
            for (Holder holder : holders) {
                holder.assertLearntFirst();
            }
            for (Holder holder : holders) {
                holder.link.resume();
                assertThat(holder.registry.lock(holder.name).tryAcquire(TTL))
                        .as(holder.name)
                        .isPresent();
            }
        } finally {
            for (Holder holder : holders) {
                holder.close();
            }
        }
    }

    private final class Holder implements AutoCloseable, LockStore.Watcher {

        private final String name;
        private final boolean canRevoke;
        private final Consumer<TcpLink> cutOff;
        private final TcpLink link = TcpLink.to(etcd.endpoint());
        private final LockRegistry registry;
        private final LockHandle handle;
        private final CompletableFuture<Long> lostAt;
        private final CompletableFuture<Void> watching = new CompletableFuture<>();
        private final CompletableFuture<Long> deletedAt = new CompletableFuture<>();
        private volatile boolean heldWhenDeleted;

        private Holder(String name, boolean canRevoke, Consumer<TcpLink> cutOff) throws Exception {
            this.name = name;
            this.canRevoke = canRevoke;
            this.cutOff = cutOff;
            registry = EtcdLockRegistry.builder()
                    .endpoints(link.endpoint())
                    .defaults(LockOptions.defaults().withTtl(TTL))
                    .build();
            handle = registry.lock(name).acquire();
            lostAt = handle.lost().thenApply(loss -> System.nanoTime()).toCompletableFuture();
            String lease = registry.status().sessions().get(0).lease();
            observer.watch(KeyRange.single("locks/" + name + "/" + lease), this);
            watching.get(5, TimeUnit.SECONDS);
        }

        private void assertLearntFirst() throws Exception {
            long deleted = deletedAt.get(60, TimeUnit.SECONDS);
            long lost = lostAt.get(5, TimeUnit.SECONDS);
            assertThat(heldWhenDeleted)
                    .as(name + " held when its key was deleted")
                    .isFalse();
            assertThat(handle.loss()).map(LockLoss::reason).contains(LockLoss.Reason.EXPIRED);
            // Where its requests go through it revokes the lease itself, right after the loss.
            assertThat(Duration.ofNanos(deleted - lost))
                    .as(name + " told before its key was deleted")
                    .isGreaterThan(canRevoke ? CALLBACK.negated() : Duration.ZERO);
        }

        @Override
        public void ready() {
            watching.complete(null);
        }

        @Override
        public void changed(KeyChange change) {
            if (change.deleted()) {
                heldWhenDeleted = handle.isHeld();
                deletedAt.complete(System.nanoTime());
            }
        }

        @Override
        public void broken(StoreException cause) {
            deletedAt.completeExceptionally(cause);
        }

        @Override
        public void close() {
            link.resume();
            registry.close();
            link.close();
        }
    }
}
