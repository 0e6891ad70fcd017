package dev.holdfast.lock.etcd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.holdfast.lock.LeaseLock;
import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.LockLostException;
import dev.holdfast.lock.LockRegistry;
import dev.holdfast.lock.ReadWriteLeaseLock;
import dev.holdfast.lock.memory.MemoryLockRegistry;
import dev.holdfast.lock.test.EtcdExtension;
import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Client;
import io.etcd.jetcd.op.Cmp;
import io.etcd.jetcd.op.CmpTarget;
import io.etcd.jetcd.op.Op;
import io.etcd.jetcd.options.GetOption;
import io.etcd.jetcd.options.PutOption;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Transactions of a user's own that etcd executes only while a lock is held. */
@Timeout(60)
class EtcdFenceTests {

    private static final Duration WAIT = Duration.ofSeconds(20);

    @RegisterExtension
    private static final EtcdExtension etcd = new EtcdExtension();

    private final String prefix = etcd.uniquePrefix();
    private LockRegistry registry;
    private LockRegistry other;
    private Client client;

    @BeforeEach
    void connect() {
        registry = builder().build();
        other = builder().build();
        client = builder().buildClient();
    }

    @AfterEach
    void close() {
        registry.close();
        other.close();
        client.close();
    }

    @Test
    void aWriteWhileHeldIsExecuted() throws Exception {
        try (LockHandle hold = registry.lock("orders").acquire()) {
            assertThat(written(EtcdFence.whileHeld(hold), "in time")).isTrue();
        }
        assertThat(data()).isEqualTo("in time");
    }

    @Test
    void aWriteAfterTheReleaseIsRefused() throws Exception {
        LockHandle hold = registry.lock("orders").acquire();
        Cmp[] condition = EtcdFence.whileHeld(hold);
        hold.release();

        assertThat(written(condition, "late")).isFalse();
        try (LockHandle next = other.lock("orders").acquire()) {
            assertThat(written(condition, "late")).isFalse();
            assertThat(written(EtcdFence.whileHeld(next), "next")).isTrue();
        }
        assertThat(data()).isEqualTo("next");
        assertThatIllegalStateException().isThrownBy(() -> EtcdFence.whileHeld(hold));
    }

    @Test
    void aWriteOfAHolderWhoDoesNotKnowOfItsLossIsRefused() throws Exception {
        LockHandle paused = registry.lock("orders").acquire();
        Cmp[] condition = EtcdFence.whileHeld(paused);
        CompletableFuture<Optional<LockHandle>> waiting = other.lock("orders").tryAcquireAsync(WAIT);

        client.getLeaseClient().revoke(leaseOf("orders")).get(5, TimeUnit.SECONDS);
        LockHandle next = waiting.get(20, TimeUnit.SECONDS).orElseThrow();

        assertThat(written(condition, "late")).isFalse();
        assertThat(written(EtcdFence.whileHeld(next), "next")).isTrue();
        await().until(() -> !paused.isHeld());
        assertThatThrownBy(() -> EtcdFence.whileHeld(paused)).isInstanceOf(LockLostException.class);
    }

    @Test
    void aWriteIsRefusedWhenTheNextCallerOfTheSameProcessHasTheLock() throws Exception {
        LeaseLock lock = registry.lock("orders");
        LockHandle first = lock.acquire();
        Cmp[] condition = EtcdFence.whileHeld(first);
        CompletableFuture<Optional<LockHandle>> waiting = lock.tryAcquireAsync(WAIT);

        first.release();
        // It draws no token: nothing but the release tells etcd.
        LockHandle second = waiting.get(20, TimeUnit.SECONDS).orElseThrow();

        assertThat(second.isHeld()).isTrue();
        assertThat(written(condition, "late")).isFalse();
        assertThat(written(EtcdFence.whileHeld(second), "next")).isTrue();
    }

    @Test
    void aHoldThatWasPassedOnIsFencedAsWell() throws Exception {
        LeaseLock lock = registry.lock("orders");
        LockHandle first = lock.acquire();
        CompletableFuture<Optional<LockHandle>> second = lock.tryAcquireAsync(WAIT);
        CompletableFuture<Optional<LockHandle>> third = lock.tryAcquireAsync(WAIT);
        first.release();
        LockHandle passedOn = second.get(20, TimeUnit.SECONDS).orElseThrow();

        Cmp[] condition = EtcdFence.whileHeld(passedOn);

        assertThat(written(condition, "in time")).isTrue();
        passedOn.release();
        assertThat(third.get(20, TimeUnit.SECONDS)).isPresent();
        assertThat(written(condition, "late")).isFalse();
        assertThat(data()).isEqualTo("in time");
    }

    @Test
    void allNamesOfASetMustBeHeld() throws Exception {
        LockHandle both = registry.allOf(List.of("orders", "stock")).acquire();
        Cmp[] condition = EtcdFence.whileHeld(both);
        assertThat(written(condition, "in time")).isTrue();

        client.getKVClient()
                .delete(client.getKVClient()
                        .get(
                                bytes(prefix + "stock/"),
                                GetOption.builder().isPrefix(true).build())
                        .get(5, TimeUnit.SECONDS)
                        .getKvs()
                        .get(0)
                        .getKey())
                .get(5, TimeUnit.SECONDS);

        assertThat(written(condition, "late")).isFalse();
    }

    @Test
    void aWriterWhoOnlyReadsNowWritesNoMore() throws Exception {
        ReadWriteLeaseLock prices = registry.readWriteLock("prices");
        LockHandle writing = prices.writeLock().acquire();
        Cmp[] condition = EtcdFence.whileHeld(writing);
        assertThat(written(condition, "in time")).isTrue();

        LockHandle reading = prices.downgrade(writing);

        assertThat(written(condition, "late")).isFalse();
        assertThat(written(EtcdFence.whileHeld(reading), "by a reader")).isTrue();
    }

    @Test
    void permitsAndTermsAreHoldsToo() throws Exception {
        LockHandle permit = registry.semaphore("exports", 2).acquire();
        Cmp[] ofPermit = EtcdFence.whileHeld(permit);
        LockHandle term = registry.election("billing").campaign("host-1");
        Cmp[] ofTerm = EtcdFence.whileHeld(term);

        assertThat(written(ofPermit, "a")).isTrue();
        assertThat(written(ofTerm, "b")).isTrue();
        permit.release();
        term.release();

        assertThat(written(ofPermit, "late")).isFalse();
        assertThat(written(ofTerm, "late")).isFalse();
    }

    @Test
    void conditionsOfTheUsersOwnAreAdded() throws Exception {
        try (LockHandle hold = registry.lock("orders").acquire()) {
            Cmp absent = new Cmp(bytes(prefix + "data"), Cmp.Op.EQUAL, CmpTarget.version(0));

            assertThat(both(EtcdFence.whileHeld(hold), absent)).isTrue();
            assertThat(both(EtcdFence.whileHeld(hold), absent)).isFalse();
        }
    }

    @Test
    void namespacesOfRegistryAndClientMayDiffer() throws Exception {
        try (LockRegistry inNamespace = builder().namespace("team-a/").build();
                Client same = builder().namespace("team-a/").buildClient();
                LockHandle hold = inNamespace.lock("orders").acquire()) {

            assertThat(written(same, EtcdFence.whileHeld(hold), "same")).isTrue();
            assertThat(written(client, EtcdFence.whileHeld(hold, ""), "none")).isTrue();
            assertThat(written(client, EtcdFence.whileHeld(hold), "wrong")).isFalse();
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> EtcdFence.whileHeld(hold, "team-b/"))
                    .withMessageContaining("team-b/")
                    .withMessageContaining("team-a/" + prefix + "orders/");
        }
    }

    @Test
    void aLockInMemoryIsRefused() throws Exception {
        try (LockRegistry memory = MemoryLockRegistry.create();
                LockHandle hold = memory.lock("orders").acquire()) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> EtcdFence.whileHeld(hold))
                    .withMessageContaining("'orders' is not kept in etcd");
        }
    }

    private EtcdLockRegistry.Builder builder() {
        return EtcdLockRegistry.builder().endpoints(etcd.endpoints()).keyPrefix(prefix);
    }

    private boolean written(Cmp[] condition, String value) throws Exception {
        return written(client, condition, value);
    }

    private boolean written(Client by, Cmp[] condition, String value) throws Exception {
        return by.getKVClient()
                .txn()
                .If(condition)
                .Then(Op.put(bytes(prefix + "data"), bytes(value), PutOption.DEFAULT))
                .commit()
                .get(5, TimeUnit.SECONDS)
                .isSucceeded();
    }

    private boolean both(Cmp[] condition, Cmp own) throws Exception {
        return client.getKVClient()
                .txn()
                .If(condition)
                .If(own)
                .Then(Op.put(bytes(prefix + "data"), bytes("once"), PutOption.DEFAULT))
                .commit()
                .get(5, TimeUnit.SECONDS)
                .isSucceeded();
    }

    private String data() throws Exception {
        return client.getKVClient()
                .get(bytes(prefix + "data"))
                .get(5, TimeUnit.SECONDS)
                .getKvs()
                .get(0)
                .getValue()
                .toString(StandardCharsets.UTF_8);
    }

    private long leaseOf(String name) throws Exception {
        return client.getKVClient()
                .get(
                        bytes(prefix + name + "/"),
                        GetOption.builder()
                                .isPrefix(true)
                                .withSortField(GetOption.SortTarget.CREATE)
                                .withSortOrder(GetOption.SortOrder.ASCEND)
                                .build())
                .get(5, TimeUnit.SECONDS)
                .getKvs()
                .get(0)
                .getLease();
    }

    private static ByteSequence bytes(String text) {
        return ByteSequence.from(text, StandardCharsets.UTF_8);
    }
}
