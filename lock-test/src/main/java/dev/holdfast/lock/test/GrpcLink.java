package dev.holdfast.lock.test;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The network between a client and one etcd that speaks without TLS, as a proxy that understands gRPC: besides what {@link TcpLink}
 * does, it loses single answers of calls that etcd has executed, and ends connections right after a watch was created. Thread-safe.
 */
public final class GrpcLink extends TcpLink {

    /** A method of etcd. */
    public enum Method {
        RANGE("KV/Range"),
        TXN("KV/Txn"),
        WATCH("Watch/Watch"),
        LEASE_GRANT("Lease/LeaseGrant"),
        LEASE_REVOKE("Lease/LeaseRevoke"),
        LEASE_KEEP_ALIVE("Lease/LeaseKeepAlive"),
        LEASE_TIME_TO_LIVE("Lease/LeaseTimeToLive"),
        AUTHENTICATE("Auth/Authenticate");

        private final String path;

        Method(String path) {
            this.path = "/etcdserverpb." + path;
        }
    }

    /** How an answer is lost. */
    public enum Loss {
        /** The connection is cut, so the client knows that something went wrong. */
        CUT,
        /** Nothing more comes for that call; everything else works. */
        SILENCE
    }

    private record Losing(Method method, Loss loss, CompletableFuture<Void> done) {}

    private final List<Losing> losing = new CopyOnWriteArrayList<>();
    private final AtomicInteger cutAfterCreated = new AtomicInteger();
    private volatile boolean cuttingAfterCreated;

    private GrpcLink(String serverUrl) {
        super(serverUrl);
    }

    /** A link to the etcd at that URL, open in both directions. */
    public static GrpcLink to(String serverUrl) {
        return new GrpcLink(serverUrl);
    }

    /**
     * Loses the next answer of that method that comes: etcd has executed it, the client never knows.
     *
     * @return completes when it is lost
     */
    public CompletableFuture<Void> loseNext(Method method, Loss loss) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        losing.add(new Losing(method, loss, done));
        return done;
    }

    /** Whether each connection is cut after the first message of a watch, which tells the client that the watch is created. */
    public void cutAfterCreated(boolean cutting) {
        cuttingAfterCreated = cutting;
    }

    /** How many connections were cut after a watch was created. */
    public int cutsAfterCreated() {
        return cutAfterCreated.get();
    }

    @Override
    Traffic newTraffic() {
        return new GrpcTraffic(this::fate);
    }

    private GrpcTraffic.Fate fate(String path, boolean first) {
        if (!first) {
            return GrpcTraffic.Fate.PASS;
        }
        for (Losing next : losing) {
            // Of two connections only one finds it in the list.
            if (next.method.path.equals(path) && losing.remove(next)) {
                next.done.complete(null);
                return next.loss == Loss.CUT ? GrpcTraffic.Fate.CUT_BEFORE : GrpcTraffic.Fate.DROP;
            }
        }
        if (cuttingAfterCreated && path.equals(Method.WATCH.path)) {
            cutAfterCreated.incrementAndGet();
            return GrpcTraffic.Fate.CUT_AFTER;
        }
        return GrpcTraffic.Fate.PASS;
    }
}
