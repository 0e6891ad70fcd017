package dev.holdfast.lock.benchmarks.subject;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Client;
import io.etcd.jetcd.Lease;
import io.etcd.jetcd.Lock;
import io.etcd.jetcd.lease.LeaseKeepAliveResponse;
import io.etcd.jetcd.support.CloseableClient;
import io.grpc.stub.StreamObserver;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * jetcd's Lock. etcd knows a holder by its lease: threads can share one as long as no two ask for one name. The others have a lease of
 * their own: for each hold, as most starters do, or kept alive for each thread where the name is contended and the lease matters little.
 */
final class JetcdLocks implements Subject {

    private static final long TTL_SECONDS = 30;

    private enum Leases {
        SHARED,
        FOR_EACH_THREAD,
        FOR_EACH_HOLD
    }

    private final Client client;
    private final Lock locks;
    private final Lease leases;
    private final Leases use;
    private final long sharedLease;

    private JetcdLocks(String address, Leases use) {
        client = Client.builder().endpoints(address.split(",")).build();
        locks = client.getLockClient();
        leases = client.getLeaseClient();
        this.use = use;
        sharedLease = use == Leases.SHARED ? granted() : 0;
        if (use == Leases.SHARED) {
            leases.keepAlive(sharedLease, new Ignored());
        }
    }

    static JetcdLocks shared(String address, boolean contended) {
        if (contended) {
            throw new IllegalArgumentException("Threads with one lease do not exclude each other");
        }
        return new JetcdLocks(address, Leases.SHARED);
    }

    static JetcdLocks leases(String address, boolean contended) {
        return new JetcdLocks(address, contended ? Leases.FOR_EACH_THREAD : Leases.FOR_EACH_HOLD);
    }

    @Override
    public NamedLock lock(String name) {
        ByteSequence key = ByteSequence.from("jetcd/" + name, StandardCharsets.UTF_8);
        return switch (use) {
            case SHARED -> new OnLease(key, sharedLease);
            case FOR_EACH_THREAD -> new OnKeptLease(key, granted());
            case FOR_EACH_HOLD -> new OnOwnLease(key);
        };
    }

    @Override
    public void close() {
        client.close();
    }

    private long granted() {
        return leases.grant(TTL_SECONDS).join().getID();
    }

    private class OnLease implements NamedLock {

        private final ByteSequence name;
        final long lease;
        private @Nullable ByteSequence entry;

        OnLease(ByteSequence name, long lease) {
            this.name = name;
            this.lease = lease;
        }

        @Override
        public void acquire() throws ExecutionException, InterruptedException {
            entry = locks.lock(name, lease).get().getKey();
        }

        @Override
        public void release() throws ExecutionException, InterruptedException {
            ByteSequence held = entry;
            if (held == null) {
                throw new IllegalStateException("Not acquired");
            }
            locks.unlock(held).get();
        }

        @Override
        public CompletableFuture<?> acquireAsync() {
            return locks.lock(name, lease);
        }
    }

    private final class OnKeptLease extends OnLease {

        private final CloseableClient renewals;

        OnKeptLease(ByteSequence name, long lease) {
            super(name, lease);
            renewals = leases.keepAlive(lease, new Ignored());
        }

        @Override
        public void retire() {
            renewals.close();
            leases.revoke(lease);
        }
    }

    private final class OnOwnLease implements NamedLock {

        private final ByteSequence name;
        private @Nullable OnLease hold;

        OnOwnLease(ByteSequence name) {
            this.name = name;
        }

        @Override
        public void acquire() throws ExecutionException, InterruptedException {
            OnLease next = new OnLease(name, leases.grant(TTL_SECONDS).get().getID());
            next.acquire();
            hold = next;
        }

        @Override
        public void release() throws ExecutionException, InterruptedException {
            OnLease held = hold;
            if (held == null) {
                throw new IllegalStateException("Not acquired");
            }
            held.release();
            leases.revoke(held.lease).get();
        }
    }

    private static final class Ignored implements StreamObserver<LeaseKeepAliveResponse> {

        @Override
        public void onNext(LeaseKeepAliveResponse response) {}

        @Override
        public void onError(Throwable error) {}

        @Override
        public void onCompleted() {}
    }
}
