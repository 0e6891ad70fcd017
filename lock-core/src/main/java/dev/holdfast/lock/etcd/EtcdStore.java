package dev.holdfast.lock.etcd;

import dev.holdfast.lock.StoreStatus;
import dev.holdfast.lock.store.KeyRange;
import dev.holdfast.lock.store.LeaseGrant;
import dev.holdfast.lock.store.LeaseKeys;
import dev.holdfast.lock.store.LockStore;
import dev.holdfast.lock.store.StoreException;
import dev.holdfast.lock.store.StoreException.Kind;
import dev.holdfast.lock.store.Txn;
import dev.holdfast.lock.store.TxnResult;
import io.etcd.jetcd.api.KVGrpc;
import io.etcd.jetcd.api.LeaseGrantRequest;
import io.etcd.jetcd.api.LeaseGrpc;
import io.etcd.jetcd.api.LeaseKeepAliveRequest;
import io.etcd.jetcd.api.LeaseRevokeRequest;
import io.etcd.jetcd.api.LeaseTimeToLiveRequest;
import io.etcd.jetcd.api.MaintenanceGrpc;
import io.etcd.jetcd.api.StatusRequest;
import io.netty.handler.ssl.SslContext;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The store on etcd. Thread-safe. Replaces its connection by itself when nothing succeeds for about two seconds, and when its certificates
 * change.
 */
final class EtcdStore implements LockStore {

    private static final Duration CLOSE_CONNECTIONS = Duration.ofSeconds(1);
    private static final long LOOK_IF_IDLE_MILLIS = 100;

    private final ConnectionSettings settings;
    private final @Nullable ReloadableSslContext certificates;
    private final Consumer<SslContext> reloading = this::reload;
    private final ScheduledThreadPoolExecutor thread;
    private final Recovery recovery;
    private final TokenRefresh refresh;
    // Answers not yet given. Nobody else completes them all: jetcd's futures outlive its client.
    private final Set<CompletableFuture<?>> pending = ConcurrentHashMap.newKeySet();
    // Replaced, but with requests under way.
    private final Set<Connection> retired = ConcurrentHashMap.newKeySet();
    private final Closings closings = new Closings();
    private final Object replacing = new Object();
    private volatile Connection connection;
    private volatile boolean closed;

    /**
     * Connects with the first request.
     *
     * @param certificates where those of the settings come from; null: they do not change
     */
    EtcdStore(ConnectionSettings settings, @Nullable ReloadableSslContext certificates) {
        this.settings = settings;
        this.certificates = certificates;
        thread = new ScheduledThreadPoolExecutor(1, task -> daemon("holdfast-etcd", task));
        thread.setRemoveOnCancelPolicy(true);
        thread.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
        thread.setKeepAliveTime(5, TimeUnit.SECONDS);
        thread.allowCoreThreadTimeOut(true);
        recovery = new Recovery(new OwnSeat(), thread);
        refresh = new TokenRefresh(settings, () -> current().client(), thread);
        connection = open(settings);
        if (certificates != null) {
            certificates.attach(reloading);
            // They may have changed since the settings were made.
            if (certificates.current() != settings.sslContext()) {
                reload(certificates.current());
            }
        }
    }

    private Connection open(ConnectionSettings settings) {
        return new Connection(settings, failing -> recovery.failed(failing), refresh);
    }

    private void reload(SslContext fresh) {
        recovery.offer(settings.withSslContext(fresh));
    }

    private Connection current() {
        return connection;
    }

    /** What is put before every key. */
    String namespace() {
        return settings.namespace();
    }

    @Override
    public CompletableFuture<TxnResult> txn(Txn txn, Duration timeout) {
        if (closed) {
            // The channel may take requests for a moment still.
            return CompletableFuture.failedFuture(closedException());
        }
        Connection on = connection;
        return answer(on.call(KVGrpc.getTxnMethod(), on.codec().encode(txn), timeout), on.codec()::decode);
    }

    @Override
    public CompletableFuture<LeaseGrant> grant(Duration ttl, Duration timeout) {
        LeaseGrantRequest request = LeaseGrantRequest.newBuilder()
                .setTTL(ttl.plusNanos(999_999_999).toSeconds())
                .build();
        return answer(
                connection.call(LeaseGrpc.getLeaseGrantMethod(), request, timeout),
                granted -> new LeaseGrant(
                        granted.getID(),
                        Duration.ofSeconds(granted.getTTL()),
                        granted.getHeader().getClusterId()));
    }

    @Override
    public CompletableFuture<LeaseGrant> keepAlive(long leaseId, Duration timeout) {
        LeaseKeepAliveRequest request =
                LeaseKeepAliveRequest.newBuilder().setID(leaseId).build();
        return answer(connection.call(LeaseGrpc.getLeaseKeepAliveMethod(), request, timeout), renewed -> {
            if (renewed.getTTL() <= 0) {
                throw leaseNotFound(leaseId);
            }
            return new LeaseGrant(
                    leaseId,
                    Duration.ofSeconds(renewed.getTTL()),
                    renewed.getHeader().getClusterId());
        });
    }

    @Override
    public CompletableFuture<LeaseKeys> leaseKeys(long leaseId, Duration timeout) {
        LeaseTimeToLiveRequest request =
                LeaseTimeToLiveRequest.newBuilder().setID(leaseId).setKeys(true).build();
        Keyspace keyspace = connection.codec().keyspace();
        return answer(connection.call(LeaseGrpc.getLeaseTimeToLiveMethod(), request, timeout), lease -> {
            // Negative is also the TTL of a lease that should have ended but has not, as an old leader sees it whose
            // disk stalls.
            if (lease.getTTL() < 0 && lease.getGrantedTTL() == 0) {
                throw leaseNotFound(leaseId);
            }
            Set<String> keys = lease.getKeysList().stream()
                    .filter(keyspace::owns)
                    .map(keyspace::text)
                    .collect(Collectors.toSet());
            return new LeaseKeys(
                    leaseId,
                    Duration.ofSeconds(Math.max(0, lease.getTTL())),
                    keys,
                    lease.getHeader().getClusterId());
        });
    }

    /** Without its keys, which may be very many. */
    @Override
    public CompletableFuture<Duration> remaining(long leaseId, Duration timeout) {
        LeaseTimeToLiveRequest request =
                LeaseTimeToLiveRequest.newBuilder().setID(leaseId).build();
        return answer(connection.call(LeaseGrpc.getLeaseTimeToLiveMethod(), request, timeout), lease -> {
            if (lease.getTTL() < 0 && lease.getGrantedTTL() == 0) {
                throw leaseNotFound(leaseId);
            }
            return Duration.ofSeconds(Math.max(0, lease.getTTL()));
        });
    }

    private static StoreException leaseNotFound(long leaseId) {
        return new StoreException(Kind.LEASE_NOT_FOUND, "The lease " + Long.toHexString(leaseId) + " has ended", null);
    }

    @Override
    public CompletableFuture<Void> revoke(long leaseId, Duration timeout) {
        LeaseRevokeRequest request =
                LeaseRevokeRequest.newBuilder().setID(leaseId).build();
        return answer(
                connection
                        .call(LeaseGrpc.getLeaseRevokeMethod(), request, timeout)
                        .<Object>thenApply(done -> done)
                        .exceptionally(failure -> {
                            StoreException cause = StoreException.of(failure);
                            if (cause.kind() == Kind.LEASE_NOT_FOUND) {
                                return cause;
                            }
                            throw cause;
                        }),
                Answers::nothing);
    }

    @Override
    public Watch watch(KeyRange range, Watcher watcher) {
        return connection.watches().open(range, watcher);
    }

    @Override
    public CompletableFuture<Void> refreshCredentials(Duration timeout) {
        CompletableFuture<Void> answer = answer(refresh.start(), Answers::nothing);
        expire(answer, timeout);
        return answer;
    }

    /** jetcd's call has a deadline of its own, but not this caller's. */
    private void expire(CompletableFuture<?> answer, Duration timeout) {
        if (answer.isDone() || closed) {
            return;
        }
        try {
            var timer = thread.schedule(
                    () -> answer.completeExceptionally(new StoreException(
                            Kind.TIMEOUT, "No fresh credentials within " + timeout, new TimeoutException())),
                    timeout.toNanos(),
                    TimeUnit.NANOSECONDS);
            answer.whenComplete((done, failure) -> timer.cancel(false));
        } catch (RejectedExecutionException closing) {
            // close() completes what is pending
        }
    }

    @Override
    public CompletableFuture<StoreStatus> status(Duration timeout) {
        long asked = System.nanoTime();
        return answer(
                connection.call(MaintenanceGrpc.getStatusMethod(), StatusRequest.getDefaultInstance(), timeout),
                status -> {
                    VersionCheck.seen(status.getVersion());
                    return new StoreStatus(
                            status.getVersion(), status.getLeader() != 0, Duration.ofNanos(System.nanoTime() - asked));
                });
    }

    /** A linearizable read on the connection in use; fails with what keeps the locks from working. */
    CompletableFuture<Void> probe(Duration timeout) {
        return answer(connection.probe(timeout), Answers::nothing);
    }

    @Override
    public void reconnect() {
        if (!closed) {
            recovery.start();
        }
    }

    /** Calls without an answer and watches not closed; for tests. */
    CompletableFuture<Integer> openCalls() {
        return connection.watches().size().thenApply(watches -> watches + pending.size());
    }

    /** The answer as the caller gets it: completed by nobody but us, and by {@link #close()} at the latest. */
    private <A, R> CompletableFuture<R> answer(CompletableFuture<A> from, Function<A, R> decode) {
        CompletableFuture<R> answer = new CompletableFuture<>();
        pending.add(answer);
        from.whenComplete((message, failure) -> {
            pending.remove(answer);
            if (failure != null) {
                answer.completeExceptionally(closed ? closedException() : StoreException.of(failure));
                return;
            }
            R decoded;
            try {
                decoded = decode.apply(message);
            } catch (RuntimeException undecodable) {
                answer.completeExceptionally(StoreException.of(undecodable));
                return;
            }
            answer.complete(decoded);
        });
        if (closed) {
            // close() may have gone through the set before this was in it
            pending.remove(answer);
            answer.completeExceptionally(closedException());
        }
        return answer;
    }

    private StoreException closedException() {
        return new StoreException(Kind.CLOSED, "The connection to " + settings.endpoints() + " is closed", null);
    }

    @Override
    public void close() {
        synchronized (replacing) {
            if (closed) {
                return;
            }
            closed = true;
        }
        if (certificates != null) {
            certificates.detach(reloading);
        }
        thread.shutdownNow();
        StoreException cause = closedException();
        retired.forEach(old -> dispose(old, cause));
        dispose(connection, cause);
        pending.forEach(answer -> answer.completeExceptionally(cause));
        pending.clear();
        try {
            closings.await(CLOSE_CONNECTIONS);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Requests that are under way come to their end, each within its own timeout; one that is just being sent is waited for too. */
    private void retire(Connection old) {
        old.watches()
                .close(new StoreException(
                        Kind.UNAVAILABLE, "The connection was replaced by one with new settings", null));
        closeWhenIdle(old, false);
    }

    private void closeWhenIdle(Connection old, boolean seenIdle) {
        boolean idle = old.idle();
        if (!(idle && seenIdle)) {
            try {
                thread.schedule(() -> closeWhenIdle(old, idle), LOOK_IF_IDLE_MILLIS, TimeUnit.MILLISECONDS);
                return;
            } catch (RejectedExecutionException closing) {
                // so there is nothing more to wait for
            }
        }
        if (retired.remove(old)) {
            dispose(old, closedException());
        }
    }

    private void dispose(Connection connection, StoreException cause) {
        closings.begin(() -> connection.close(cause));
    }

    private static Thread daemon(String name, Runnable task) {
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        return thread;
    }

    private final class OwnSeat implements Recovery.Seat {

        @Override
        public Connection current() {
            return connection;
        }

        @Override
        public Connection open(ConnectionSettings settings) {
            return EtcdStore.this.open(settings);
        }

        @Override
        public boolean replace(Connection old, Connection fresh, boolean oldIsWell) {
            synchronized (replacing) {
                if (closed) {
                    return false;
                }
                connection = fresh;
                if (oldIsWell) {
                    retired.add(old);
                }
            }
            refresh.replaced();
            if (oldIsWell) {
                retire(old);
            } else {
                EtcdStore.this.dispose(
                        old,
                        new StoreException(Kind.UNAVAILABLE, "The connection got no answers and was replaced", null));
            }
            return true;
        }

        @Override
        public void dispose(Connection unused) {
            EtcdStore.this.dispose(unused, new StoreException(Kind.UNAVAILABLE, "The connection was not used", null));
        }
    }

    private static final class Answers {

        /** Whatever the answer said, that it came is enough. */
        @SuppressWarnings("NullAway") // Void has no other value
        static Void nothing(Object answer) {
            return null;
        }
    }
}
