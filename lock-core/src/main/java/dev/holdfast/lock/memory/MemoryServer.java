package dev.holdfast.lock.memory;

import dev.holdfast.lock.store.KeyChange;
import dev.holdfast.lock.store.KeyRange;
import dev.holdfast.lock.store.LeaseGrant;
import dev.holdfast.lock.store.LeaseKeys;
import dev.holdfast.lock.store.LockStore;
import dev.holdfast.lock.store.StoreException;
import dev.holdfast.lock.store.Txn;
import dev.holdfast.lock.store.TxnResult;
import dev.holdfast.lock.time.TimeSource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A model of one etcd: revisioned keys, transactions, leases and watches under a clock from outside. Thread-safe. Several clients may
 * {@link #connect()}; each stands for one process. What it models is held against real etcd by random requests to both and by the
 * store's conformance tests.
 */
public final class MemoryServer {

    private static final long CLUSTER_ID = 0x1d;

    /** With etcd's default election timeout. */
    private static final Duration SHORTEST_TTL = Duration.ofSeconds(2);

    private final TimeSource time;
    private final ReentrantLock lock = new ReentrantLock();
    private final MemoryKeys keys = new MemoryKeys();
    private final Map<Long, MemoryLease> leases = new HashMap<>();
    private final List<MemoryWatch> watches = new ArrayList<>();
    private long lastLeaseId = 0x694d_0000_0000_0000L;

    public MemoryServer(TimeSource time) {
        this.time = time;
    }

    /** A client of its own; closing it leaves the server as it is. */
    public LockStore connect() {
        return new MemoryStore(this, time);
    }

    /**
     * The members of the cluster have a new leader: every lease starts anew and lives that much longer, as in etcd's {@code
     * lessor.Promote}. What was due and had not ended lives on too.
     */
    public void changeLeader(Duration extension) {
        lock.lock();
        try {
            long now = time.nanoTime();
            leases.values().forEach(lease -> lease.promote(now, extension));
        } finally {
            lock.unlock();
        }
    }

    /** Number of leases that have not ended. */
    public int leases() {
        lock.lock();
        try {
            expireDue();
            return leases.size();
        } finally {
            lock.unlock();
        }
    }

    TxnResult txn(Txn txn) {
        lock.lock();
        try {
            expireDue();
            MemoryTxn execution = new MemoryTxn(keys, leases, CLUSTER_ID);
            TxnResult result = execution.execute(txn);
            tell(execution.changes());
            return result;
        } finally {
            lock.unlock();
        }
    }

    LeaseGrant grant(Duration asked) {
        Duration ttl = Duration.ofSeconds(asked.plusNanos(999_999_999).toSeconds());
        if (ttl.compareTo(SHORTEST_TTL) < 0) {
            ttl = SHORTEST_TTL;
        }
        lock.lock();
        try {
            MemoryLease lease = new MemoryLease(++lastLeaseId, ttl, time.nanoTime());
            leases.put(lease.id(), lease);
            armExpiry(lease);
            return new LeaseGrant(lease.id(), ttl, CLUSTER_ID);
        } finally {
            lock.unlock();
        }
    }

    LeaseGrant keepAlive(long leaseId) {
        lock.lock();
        try {
            expireDue();
            MemoryLease lease = lease(leaseId);
            lease.renew(time.nanoTime());
            return new LeaseGrant(leaseId, lease.ttl(), CLUSTER_ID);
        } finally {
            lock.unlock();
        }
    }

    LeaseKeys leaseKeys(long leaseId) {
        lock.lock();
        try {
            expireDue();
            MemoryLease lease = lease(leaseId);
            return new LeaseKeys(leaseId, lease.remaining(time.nanoTime()), Set.copyOf(lease.keys()), CLUSTER_ID);
        } finally {
            lock.unlock();
        }
    }

    void revoke(long leaseId) {
        lock.lock();
        try {
            expireDue();
            MemoryLease lease = leases.remove(leaseId);
            if (lease != null) {
                tell(keys.deleteAll(lease.keys()));
            }
        } finally {
            lock.unlock();
        }
    }

    LockStore.Watch watch(KeyRange range, LockStore.Watcher watcher) {
        MemoryWatch watch = new MemoryWatch(range, watcher, this::forget);
        lock.lock();
        try {
            watches.add(watch);
            // By timer even without delay: a watcher must never be called inside the call that changes something.
            time.schedule(Duration.ZERO, watch::ready);
        } finally {
            lock.unlock();
        }
        return watch;
    }

    private void forget(MemoryWatch watch) {
        lock.lock();
        try {
            watches.remove(watch);
        } finally {
            lock.unlock();
        }
    }

    private MemoryLease lease(long id) {
        MemoryLease lease = leases.get(id);
        if (lease == null) {
            throw new StoreException(
                    StoreException.Kind.LEASE_NOT_FOUND, "lease " + Long.toHexString(id) + " not found", null);
        }
        return lease;
    }

    private void armExpiry(MemoryLease lease) {
        time.schedule(lease.remaining(time.nanoTime()), () -> {
            lock.lock();
            try {
                expireDue();
                if (leases.containsKey(lease.id())) {
                    armExpiry(lease);
                }
            } finally {
                lock.unlock();
            }
        });
    }

    /** Looked at before every operation: what is due has happened, whether or not a timer was in time. */
    private void expireDue() {
        long now = time.nanoTime();
        List<MemoryLease> due = null;
        for (MemoryLease lease : leases.values()) {
            if (lease.expired(now)) {
                due = due == null ? new ArrayList<>() : due;
                due.add(lease);
            }
        }
        if (due != null) {
            for (MemoryLease lease : due) {
                leases.remove(lease.id());
                tell(keys.deleteAll(lease.keys()));
            }
        }
    }

    private void tell(List<KeyChange> changes) {
        for (MemoryWatch watch : watches) {
            List<KeyChange> told = changes.stream()
                    .filter(change -> watch.range().contains(change.key()))
                    .toList();
            for (KeyChange change : KeyChange.together(told)) {
                time.schedule(Duration.ZERO, () -> watch.changed(change));
            }
        }
    }
}
