package dev.holdfast.lock.etcd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.LockListener;
import dev.holdfast.lock.LockLoss;
import dev.holdfast.lock.LockOptions;
import dev.holdfast.lock.LockRegistry;
import dev.holdfast.lock.test.EtcdServer;
import dev.holdfast.lock.test.EtcdVersions;
import dev.holdfast.lock.test.EtcdVersions.EtcdVersion;
import dev.holdfast.lock.test.TestCertificates;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every version of etcd with every kind of access to it. In each, one hold and one waiter stay from the beginning while the tokens of
 * their users expire; all in parallel, because they only wait.
 */
@Tag("versions")
class EtcdAccessTests {

    private static final Duration TTL = Duration.ofSeconds(5);

    /** Four tokens of the kind that lives longest, and three leases. */
    private static final Duration LONG = Duration.ofSeconds(4L * Access.JWT_SECONDS);

    private static final Map<Place, Locks> LOCKS = new ConcurrentHashMap<>();

    @TempDir
    static Path directory;

    private record Place(EtcdVersion version, Access access) {

        @Override
        public String toString() {
            return "etcd " + version + " " + access;
        }
    }

    /** Two registries on one etcd, the first of which holds what the second waits for. */
    private record Locks(
            EtcdServer etcd,
            LockRegistry first,
            LockRegistry second,
            LockHandle held,
            long since,
            CompletableFuture<Optional<LockHandle>> waiter,
            Queue<LockLoss> losses) {

        static Locks start(Place place, TestCertificates certificates) {
            EtcdServer etcd = place.access().start(place.version().server(), certificates);
            Queue<LockLoss> losses = new ConcurrentLinkedQueue<>();
            LockRegistry first = registry(place.access().registry(etcd, certificates), TTL, losses);
            LockRegistry second = registry(place.access().registry(etcd, certificates), TTL, losses);
            LockHandle held = first.lock("long").tryAcquire().orElseThrow();
            return new Locks(
                    etcd,
                    first,
                    second,
                    held,
                    System.nanoTime(),
                    second.lock("long").tryAcquireAsync(Duration.ofMinutes(5)),
                    losses);
        }

        Duration age() {
            return Duration.ofNanos(System.nanoTime() - since);
        }

        void close() {
            first.close();
            second.close();
            etcd.close();
        }
    }

    @BeforeAll
    static void start() {
        TestCertificates certificates = TestCertificates.in(directory);
        together(places(), place -> LOCKS.put(place, Locks.start(place, certificates)));
    }

    @AfterAll
    static void stop() {
        together(LOCKS.values().stream(), Locks::close);
    }

    static Stream<Place> places() {
        return EtcdVersions.all().stream()
                .flatMap(version -> Stream.of(Access.values()).map(access -> new Place(version, access)));
    }

    @ParameterizedTest
    @MethodSource("places")
    void oneOfTwoHoldsAndTheOtherFollows(Place place) throws Exception {
        Locks locks = locks(place);
        LockHandle handle = locks.first().lock("seat").acquire();
        assertThat(locks.second().lock("seat").tryAcquire()).isEmpty();
        CompletableFuture<Optional<LockHandle>> waiter =
                locks.second().lock("seat").tryAcquireAsync(TTL);

        handle.release();

        assertThat(waiter).succeedsWithin(TTL);
        LockHandle next = waiter.join().orElseThrow();
        assertThat(next.fencingToken()).isGreaterThan(handle.fencingToken());
        next.release();
        assertThat(locks.first().lock("seat").tryAcquire()).hasValueSatisfying(LockHandle::release);
    }

    @ParameterizedTest
    @MethodSource("places")
    void aHoldAndItsWaiterOutliveTheirTokens(Place place) {
        Locks locks = locks(place);
        await().atMost(LONG.plus(TTL))
                .failFast(() -> assertThat(locks.held().isHeld()).isTrue())
                .until(() -> locks.age().compareTo(LONG) > 0);

        assertThat(locks.losses()).isEmpty();
        assertThat(locks.waiter()).isNotDone();
        locks.held().release();
        // A watch of an expired token may have to be opened again; then the next poll finds it.
        assertThat(locks.waiter()).succeedsWithin(TTL.dividedBy(2));
        LockHandle next = locks.waiter().join().orElseThrow();
        assertThat(next.fencingToken()).isGreaterThan(locks.held().fencingToken());
        next.release();
        assertThat(locks.losses()).isEmpty();
    }

    @Test
    void aPermissionTakenAndGivenBackInTimeCostsNothing() {
        together(
                EtcdVersions.all().stream(),
                version -> withPermission(version, (locks, etcd, losses) -> {
                    LockHandle handle = locks.lock("a").tryAcquire().orElseThrow();
                    takePermission(etcd);
                    assertHeldFor(handle, TTL.dividedBy(2));
                    givePermission(etcd);

                    assertHeldFor(handle, TTL.plusSeconds(1));
                    assertThat(losses).isEmpty();
                    handle.release();
                    assertThat(locks.lock("a").tryAcquire()).hasValueSatisfying(again -> {
                        assertThat(again.fencingToken()).isGreaterThan(handle.fencingToken());
                        again.release();
                    });
                }));
    }

    /** Only since 3.5.28 does etcd ask for permission at a renewal. */
    @Test
    @Tag("faults")
    void aPermissionTakenForLongEndsTheHoldWhereRenewalsNeedIt() {
        together(
                EtcdVersions.all().stream(),
                version -> withPermission(version, (locks, etcd, losses) -> {
                    LockHandle handle = locks.lock("a").tryAcquire().orElseThrow();
                    takePermission(etcd);
                    if (version.atLeast(3, 5, 28)) {
                        assertThat(handle.lost().toCompletableFuture()).succeedsWithin(TTL);
                        assertThat(handle.isHeld()).isFalse();
                        assertThat(losses)
                                .singleElement()
                                .satisfies(loss -> assertThat(loss.reason()).isEqualTo(LockLoss.Reason.EXPIRED));
                    } else {
                        assertHeldFor(handle, TTL.multipliedBy(2));
                        assertThat(losses).isEmpty();
                    }
                    givePermission(etcd);
                    handle.release();

                    // Revoking needs the permission too, so the ended lease may have had to expire.
                    await().atMost(TTL.plusSeconds(3))
                            .untilAsserted(() -> assertThat(locks.lock("a").tryAcquire())
                                    .hasValueSatisfying(again ->
                                            assertThat(again.fencingToken()).isGreaterThan(handle.fencingToken())));
                }));
    }

    private static Locks locks(Place place) {
        return Objects.requireNonNull(LOCKS.get(place));
    }

    private interface PermissionTest {
        void run(LockRegistry locks, EtcdServer etcd, Queue<LockLoss> losses);
    }

    private static void withPermission(EtcdVersion version, PermissionTest test) {
        EtcdServer etcd = locks(new Place(version, Access.SIMPLE_TOKENS)).etcd();
        Queue<LockLoss> losses = new ConcurrentLinkedQueue<>();
        EtcdLockRegistry.Builder other = TestStores.builder(List.of(etcd.endpoint()))
                .username("other")
                .password("s3cret")
                .keyPrefix("other/");
        try (LockRegistry locks = registry(other, TTL, losses)) {
            test.run(locks, etcd, losses);
        }
    }

    private static void takePermission(EtcdServer etcd) {
        etcd.etcdctl("--user", Access.ROOT, "role", "revoke-permission", "other", "--prefix=true", "other/");
    }

    private static void givePermission(EtcdServer etcd) {
        etcd.etcdctl(
                "--user", Access.ROOT, "role", "grant-permission", "other", "--prefix=true", "readwrite", "other/");
    }

    private static void assertHeldFor(LockHandle handle, Duration duration) {
        await().during(duration).atMost(duration.plusSeconds(5)).until(handle::isHeld);
    }

    private static LockRegistry registry(EtcdLockRegistry.Builder builder, Duration ttl, Queue<LockLoss> losses) {
        return builder.defaults(LockOptions.defaults().withTtl(ttl).withWaitTime(Duration.ofSeconds(10)))
                .listener(new LockListener() {
                    @Override
                    public void lost(LockHandle handle, LockOptions options, LockLoss loss, Duration held) {
                        losses.add(loss);
                    }
                })
                .build();
    }

    private static <T> void together(Stream<T> all, Consumer<T> action) {
        List<CompletableFuture<Void>> running = all.map(each -> CompletableFuture.runAsync(
                        () -> action.accept(each), task -> new Thread(task, "together").start()))
                .toList();
        CompletableFuture.allOf(running.toArray(CompletableFuture[]::new)).join();
    }
}
