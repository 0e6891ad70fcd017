package dev.holdfast.lock.etcd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.LockRegistry;
import dev.holdfast.lock.LockUnavailableException;
import dev.holdfast.lock.store.KeyRange;
import dev.holdfast.lock.store.Op;
import dev.holdfast.lock.store.StoreException;
import dev.holdfast.lock.store.StoreException.Kind;
import dev.holdfast.lock.store.Txn;
import dev.holdfast.lock.test.EtcdServer;
import dev.holdfast.lock.test.WatchRecorder;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Users and passwords; the server's tokens are short-lived, so that tests see them expire. */
class EtcdAuthTests {

    private static final Duration TIMEOUT = Duration.ofSeconds(3);
    private static final Duration TOKEN = Duration.ofSeconds(3);
    private static EtcdServer etcd;
    private static EtcdServer open;

    @BeforeAll
    static void start() {
        etcd = EtcdServer.builder()
                .args("--auth-token-ttl=" + TOKEN.toSeconds())
                .start();
        open = EtcdServer.start();
        etcd.etcdctl("user", "add", "root:rootpw");
        etcd.etcdctl("user", "grant-role", "root", "root");
        etcd.etcdctl("role", "add", "locker");
        etcd.etcdctl("role", "grant-permission", "locker", "--prefix=true", "readwrite", "locks/");
        etcd.etcdctl("user", "add", "app:s3cret");
        etcd.etcdctl("user", "grant-role", "app", "locker");
        etcd.etcdctl("user", "add", "nobody:s3cret");
        etcd.etcdctl("auth", "enable");
    }

    @AfterAll
    static void stop() {
        etcd.close();
        open.close();
    }

    @Test
    void locksWorkWithAPassword() throws Exception {
        try (LockRegistry locks = as("app").build()) {
            LockHandle handle = locks.lock("auth").acquire();
            assertThat(handle.isHeld()).isTrue();
            handle.release();
        }
    }

    @Test
    void anExpiredTokenIsReportedAndRefreshed() {
        try (EtcdStore store = as("app").connect()) {
            StoreException expired = awaitExpiry(store);
            assertThat(expired.kind().definite()).isTrue();

            Stream.generate(() -> store.refreshCredentials(TIMEOUT))
                    .limit(20)
                    .toList()
                    .forEach(CompletableFuture::join);

            assertThat(read(store).join().succeeded()).isTrue();
        }
    }

    @Test
    void aWatchOnAStreamWithAnExpiredTokenComesBackWithAFreshOne() {
        try (EtcdStore store = as("app").connect()) {
            WatchRecorder early = new WatchRecorder();
            store.watch(KeyRange.single("locks/early"), early);
            await().until(() -> early.readies() == 1);
            awaitExpiry(store);

            WatchRecorder late = new WatchRecorder();
            store.watch(KeyRange.single("locks/late"), late);

            await().until(() -> late.breaks().size() == 1 && early.breaks().size() == 1);
            WatchRecorder again = new WatchRecorder();
            store.watch(KeyRange.single("locks/late"), again);
            await().until(() -> again.readies() == 1);
        }
    }

    @Test
    void aWatchThatIsNotAllowedBreaksAloneInTheEnd() {
        try (EtcdStore store = as("app").connect()) {
            store.refreshCredentials(TIMEOUT).join();
            WatchRecorder allowed = new WatchRecorder();
            WatchRecorder denied = new WatchRecorder();
            store.watch(KeyRange.single("locks/mine"), allowed);
            store.watch(KeyRange.single("elsewhere"), denied);

            await().until(() -> denied.breaks().size() == 1 && allowed.readies() == 1);
            assertThat(denied.breaks().get(0).kind()).isEqualTo(Kind.PERMISSION_DENIED);
            assertThat(denied.readies()).isZero();
            assertThat(allowed.breaks()).isEmpty();
        }
    }

    @Test
    void whatIsNotAllowedIsDenied() {
        try (EtcdStore store = as("app").connect()) {
            StoreException failure = failure(store.txn(Txn.of(new Op.Put("elsewhere", "", 0)), TIMEOUT));
            assertThat(failure.kind()).isEqualTo(Kind.PERMISSION_DENIED);
        }
    }

    @Test
    @Timeout(10)
    void aWrongPasswordIsNamedButNotShown() {
        assertRefused(as("app").password("wr0ng"), "Check username and password", "authentication failed");
    }

    @Test
    @Timeout(10)
    void aMissingUserIsNamed() {
        assertRefused(TestStores.builder(List.of(etcd.endpoint())), "give username and password", "user name is empty");
    }

    @Test
    @Timeout(10)
    void aUserWithoutAuthenticationOnTheServerIsNamed() {
        assertRefused(
                as("app").endpoints(open.endpoint()), "remove username and password", "authentication is not enabled");
    }

    @Test
    @Timeout(10)
    void aUserWithoutPermissionIsToldWhatToGrant() {
        assertRefused(as("nobody"), "etcdctl role grant-permission", "locks/");
    }

    private static void assertRefused(EtcdLockRegistry.Builder builder, String... texts) {
        long before = System.nanoTime();
        assertThatExceptionOfType(LockUnavailableException.class)
                .isThrownBy(builder::build)
                .satisfies(failure -> assertThat(failure.getMessage())
                        .contains(texts)
                        .contains("http://127.0.0.1:")
                        .doesNotContain("s3cret", "wr0ng"));
        assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(5));
    }

    /** Leaves the token alone until the server has forgotten it, and returns how the next request fails. */
    private static StoreException awaitExpiry(EtcdStore store) {
        await().pollDelay(TOKEN.plusSeconds(3)).until(() -> true);
        StoreException failure = failure(read(store));
        assertThat(failure.kind()).isEqualTo(Kind.UNAUTHENTICATED);
        return failure;
    }

    private static CompletableFuture<dev.holdfast.lock.store.TxnResult> read(EtcdStore store) {
        return store.txn(Txn.of(Op.Get.key("locks/a")), TIMEOUT);
    }

    private static EtcdLockRegistry.Builder as(String user) {
        return TestStores.builder(List.of(etcd.endpoint())).username(user).password("s3cret");
    }

    private static StoreException failure(CompletableFuture<?> future) {
        return future.handle((answer, failure) -> StoreException.of(failure)).join();
    }
}
