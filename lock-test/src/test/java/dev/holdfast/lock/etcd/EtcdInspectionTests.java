package dev.holdfast.lock.etcd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.LockInspection;
import dev.holdfast.lock.LockLoss;
import dev.holdfast.lock.LockOptions;
import dev.holdfast.lock.LockPage;
import dev.holdfast.lock.LockRegistry;
import dev.holdfast.lock.LockUnavailableException;
import dev.holdfast.lock.store.LockStore;
import dev.holdfast.lock.store.Op;
import dev.holdfast.lock.store.Txn;
import dev.holdfast.lock.test.EtcdServer;
import dev.holdfast.lock.test.Measured;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** An inspection of a real etcd: very many names, how late a removed holder hears of it, no answer, no permission. */
class EtcdInspectionTests {

    private static final Duration TTL = Duration.ofSeconds(5);
    private static final int VERY_MANY = 100_000;

    private EtcdServer etcd;
    private final List<LockRegistry> opened = new ArrayList<>();

    @BeforeEach
    void start() {
        etcd = EtcdServer.start();
    }

    @AfterEach
    void stop() {
        opened.forEach(LockRegistry::close);
        etcd.close();
    }

    @Test
    void veryManyNamesAreListedWhileLocksGoOn() throws Exception {
        putNames();
        LockRegistry registry = registry();
        AtomicBoolean listing = new AtomicBoolean(true);
        CompletableFuture<Duration> slowest = CompletableFuture.supplyAsync(() -> {
            long most = 0;
            while (listing.get()) {
                long begin = System.nanoTime();
                registry.lock("busy").tryAcquire().ifPresent(LockHandle::release);
                most = Math.max(most, System.nanoTime() - begin);
            }
            return Duration.ofNanos(most);
        });
        LockInspection inspection = registry().inspection();
        Set<String> names = new HashSet<>();
        long begin = System.nanoTime();
        LockPage page = inspection.list("name-", LockInspection.MAX_NAMES);
        page.names().forEach(usage -> names.add(usage.name()));
        while (page.truncated()) {
            page = inspection.list("name-", LockInspection.MAX_NAMES, page.next());
            page.names().forEach(usage -> names.add(usage.name()));
        }
        Measured.log("inspection.list-100000", Duration.ofNanos(System.nanoTime() - begin));
        listing.set(false);

        assertThat(names).hasSize(VERY_MANY);
        Measured.log("inspection.slowest-cycle-beside", slowest.get(20, TimeUnit.SECONDS));
    }

    @Test
    void aRemovedHolderHearsOfItWithItsNextAudit() throws Exception {
        LockRegistry remover = registry();
        List<Long> late = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            LockHandle held = registry().lock("seat-" + i).acquire();
            // Not all at the same distance from the grant of their leases.
            remover.lock("pace").tryAcquire().ifPresent(LockHandle::release);
            assertThat(remover.inspection().release("seat-" + i, held.fencingToken()))
                    .isPresent();
            long removed = System.nanoTime();
            assertThat(held.lost()
                            .toCompletableFuture()
                            .get(20, TimeUnit.SECONDS)
                            .reason())
                    .isEqualTo(LockLoss.Reason.KEY_DELETED);
            late.add(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - removed));
        }
        late.sort(null);
        Measured.log("inspection.removed-holder-told-median", late.get(late.size() / 2), "ms");
        Measured.log("inspection.removed-holder-told-most", late.get(late.size() - 1), "ms");
    }

    @Test
    void withoutAnAnswerItSaysSo() throws Exception {
        LockRegistry registry = registry();
        LockHandle held = registry.lock("seat", registry.defaults().withTtl(LockOptions.MAX_TTL))
                .acquire();
        LockInspection inspection = registry.inspection();
        etcd.freeze();
        try {
            assertThatExceptionOfType(LockUnavailableException.class)
                    .isThrownBy(() -> inspection.list("", 10))
                    .withMessageContaining("Which locks are in use is not known");
            assertThatExceptionOfType(LockUnavailableException.class)
                    .isThrownBy(() -> inspection.queue("seat"))
                    .withMessageContaining("'seat'");
            assertThatExceptionOfType(LockUnavailableException.class)
                    .isThrownBy(() -> inspection.release("seat", held.fencingToken()))
                    .withMessageContaining("Nothing was removed");
            assertThat(inspection.local()).hasSize(1);
        } finally {
            etcd.thaw();
        }
    }

    @Test
    void aUserOfThePrefixMayInspect() throws Exception {
        etcd.etcdctl("user", "add", "root:rootpw");
        etcd.etcdctl("user", "grant-role", "root", "root");
        etcd.etcdctl("role", "add", "locker");
        etcd.etcdctl("role", "grant-permission", "locker", "--prefix=true", "readwrite", "locks/");
        etcd.etcdctl("role", "add", "reader");
        etcd.etcdctl("role", "grant-permission", "reader", "--prefix=true", "read", "locks/");
        etcd.etcdctl("user", "add", "app:s3cret");
        etcd.etcdctl("user", "grant-role", "app", "locker");
        etcd.etcdctl("user", "add", "guest:s3cret");
        etcd.etcdctl("user", "grant-role", "guest", "reader");
        etcd.etcdctl("auth", "enable");
        LockRegistry registry = registryOf("app");
        LockHandle held = registry.lock("seat").acquire();

        LockInspection guests = registryOf("guest").inspection();
        assertThat(guests.list("", 10).names()).hasSize(1);
        assertThat(guests.queue("seat").holders())
                .singleElement()
                .satisfies(entry -> assertThat(entry.remaining()).isNotNull());
        assertThatExceptionOfType(LockUnavailableException.class)
                .isThrownBy(() -> guests.release("seat", held.fencingToken()))
                .withMessageContainingAll("Nothing was removed", "permission denied", "key prefix 'locks/'");
        assertThat(registry.inspection().release("seat", held.fencingToken())).isPresent();
    }

    private void putNames() {
        try (LockStore store = TestStores.connect(List.of(etcd.endpoint()))) {
            for (int i = 0; i < VERY_MANY; i += 100) {
                Op[] puts = IntStream.range(i, i + 100)
                        .mapToObj(n -> new Op.Put("locks/name-" + n + "/1f", "", 0))
                        .toArray(Op[]::new);
                store.txn(Txn.of(puts), Duration.ofSeconds(10)).join();
            }
        }
    }

    private LockRegistry registry() {
        LockRegistry registry = TestStores.registry(
                List.of(etcd.endpoint()), "locks/", LockOptions.defaults().withTtl(TTL), List.of());
        opened.add(registry);
        return registry;
    }

    private LockRegistry registryOf(String user) {
        LockRegistry registry = TestStores.builder(List.of(etcd.endpoint()))
                .username(user)
                .password("s3cret")
                .build();
        opened.add(registry);
        return registry;
    }
}
