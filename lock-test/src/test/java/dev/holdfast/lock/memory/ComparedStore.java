package dev.holdfast.lock.memory;

import static org.awaitility.Awaitility.await;

import dev.holdfast.lock.store.Compare;
import dev.holdfast.lock.store.KeyChange;
import dev.holdfast.lock.store.KeyRange;
import dev.holdfast.lock.store.KeyValue;
import dev.holdfast.lock.store.LeaseGrant;
import dev.holdfast.lock.store.LeaseKeys;
import dev.holdfast.lock.store.LockStore;
import dev.holdfast.lock.store.Op;
import dev.holdfast.lock.store.OpResult;
import dev.holdfast.lock.store.StoreException;
import dev.holdfast.lock.store.Txn;
import dev.holdfast.lock.store.TxnResult;
import dev.holdfast.lock.test.WatchRecorder;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.stream.Collectors;

/** A store that does {@link Step}s and answers in their numbers, so that the answers of two stores can be compared. */
final class ComparedStore implements AutoCloseable {

    private static final Duration TIMEOUT = Duration.ofSeconds(10);

    private final LockStore store;
    private final Runnable deliver;
    private final List<Long> leases = new ArrayList<>();
    private final Deque<Running> watches = new ArrayDeque<>();
    private final long base;
    private final long clusterId;

    private record Running(KeyRange range, WatchRecorder told, LockStore.Watch watch) {}

    /** The store must be empty; {@code deliver} lets its watches tell what they have to, if they do not by themselves. */
    ComparedStore(LockStore store, Runnable deliver) {
        this.store = store;
        this.deliver = deliver;
        TxnResult first = store.txn(Txn.of(new Op.Delete(KeyRange.prefix(RandomSteps.PREFIX))), TIMEOUT)
                .join();
        base = first.revision();
        clusterId = first.clusterId();
    }

    /** The answer, or the kind of the failure. */
    Object execute(Step step) {
        if (step instanceof Step.Transaction transaction) {
            return answer(store.txn(here(transaction.txn()), TIMEOUT), result -> there(result));
        } else if (step instanceof Step.Grant grant) {
            return answer(store.grant(Duration.ofMillis(grant.millis()), TIMEOUT), this::granted);
        } else if (step instanceof Step.KeepAlive keepAlive) {
            return answer(store.keepAlive(lease(keepAlive.lease()), TIMEOUT), this::there);
        } else if (step instanceof Step.ReadLease read) {
            return answer(store.leaseKeys(lease(read.lease()), TIMEOUT), this::there);
        } else if (step instanceof Step.Revoke revoke) {
            return answer(store.revoke(lease(revoke.lease()), TIMEOUT), done -> "revoked");
        } else if (step instanceof Step.Watch watch) {
            WatchRecorder told = new WatchRecorder();
            watches.add(new Running(watch.range(), told, store.watch(watch.range(), told)));
            until(() -> told.readies() == 1);
            return "watching";
        }
        return told();
    }

    /** Keys by name, with revisions of the steps. */
    Map<String, KeyValue> state() {
        Op.Get all = new Op.Get(KeyRange.prefix(RandomSteps.PREFIX), Op.Order.OLDEST_FIRST, 0, 0, false);
        return store.txn(Txn.of(all), TIMEOUT).join().keys(0).keys().stream()
                .map(this::there)
                .collect(Collectors.toMap(KeyValue::key, key -> key));
    }

    long revision() {
        return there(store.txn(Txn.of(), TIMEOUT).join()).revision();
    }

    int watches() {
        return watches.size();
    }

    /** Ends the oldest watch and returns all it told: a last change, known to it, shows that nothing is still under way. */
    private List<KeyChange> told() {
        Running oldest = watches.remove();
        String last = oldest.range().prefix()
                ? oldest.range().key() + "/last"
                : oldest.range().key();
        long revision =
                store.txn(Txn.of(new Op.Put(last, "last", 0)), TIMEOUT).join().revision();
        KeyChange end = new KeyChange(last, false, revision);
        until(() ->
                oldest.told().changes().contains(end) || !oldest.told().breaks().isEmpty());
        oldest.watch().close();
        store.txn(Txn.of(new Op.Delete(KeyRange.single(last))), TIMEOUT).join();
        if (!oldest.told().breaks().isEmpty()) {
            throw oldest.told().breaks().get(0);
        }
        return oldest.told().changes().stream()
                .map(change -> new KeyChange(change.key(), change.deleted(), change.revision() - base))
                .toList();
    }

    private void until(java.util.concurrent.Callable<Boolean> condition) {
        deliver.run();
        await().pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(1))
                .atMost(TIMEOUT)
                .until(condition);
    }

    private static <T> Object answer(CompletableFuture<T> future, Function<T, Object> there) {
        try {
            return there.apply(future.join());
        } catch (java.util.concurrent.CompletionException failed) {
            return StoreException.of(failed).kind();
        }
    }

    private Object granted(LeaseGrant grant) {
        leases.add(grant.leaseId());
        return there(grant);
    }

    private long lease(int number) {
        return number == 0 ? 0 : number <= leases.size() ? leases.get(number - 1) : 0x7777;
    }

    private LeaseGrant there(LeaseGrant grant) {
        return new LeaseGrant(number(grant.leaseId()), grant.ttl(), cluster(grant.clusterId()));
    }

    /** Only one of the two clocks counts, but not for long; the TTLs differ by more. */
    private Object there(LeaseKeys lease) {
        return List.of(
                number(lease.leaseId()),
                new TreeSet<>(lease.keys()),
                cluster(lease.clusterId()),
                lease.remaining().toSeconds() / 100);
    }

    private long number(long lease) {
        return lease == 0 ? 0 : leases.indexOf(lease) + 1;
    }

    private long cluster(long id) {
        return id == clusterId ? 1 : id;
    }

    private long here(long revision) {
        return revision == 0 ? 0 : base + revision;
    }

    private Txn here(Txn txn) {
        return new Txn(
                txn.conditions().stream().map(this::here).toList(),
                txn.then().stream().map(this::here).toList(),
                txn.otherwise().stream().map(this::here).toList());
    }

    private Compare here(Compare condition) {
        return condition instanceof Compare.OfRevision at
                ? new Compare.OfRevision(at.range(), at.target(), at.relation(), here(at.revision()))
                : condition;
    }

    private Op here(Op op) {
        if (op instanceof Op.Put put) {
            return new Op.Put(put.key(), put.value(), lease((int) put.leaseId()));
        } else if (op instanceof Op.Get get) {
            return new Op.Get(get.range(), get.order(), get.limit(), here(get.maxCreateRevision()), get.keysOnly());
        } else if (op instanceof Op.Nested nested) {
            return new Op.Nested(here(nested.txn()));
        }
        return op;
    }

    private TxnResult there(TxnResult result) {
        return new TxnResult(
                result.succeeded(),
                result.revision() - base,
                cluster(result.clusterId()),
                result.results().stream().map(this::there).toList());
    }

    private OpResult there(OpResult result) {
        if (result instanceof TxnResult nested) {
            return there(nested);
        } else if (result instanceof OpResult.Keys keys) {
            return new OpResult.Keys(keys.keys().stream().map(this::there).toList(), keys.more());
        }
        return result;
    }

    private KeyValue there(KeyValue key) {
        return new KeyValue(
                key.key(), key.value(), key.createRevision() - base, key.modRevision() - base, number(key.leaseId()));
    }

    /** Leaves the store empty. */
    @Override
    public void close() {
        watches.forEach(running -> running.watch().close());
        leases.forEach(lease -> store.revoke(lease, TIMEOUT).join());
        store.txn(Txn.of(new Op.Delete(KeyRange.prefix(RandomSteps.PREFIX))), TIMEOUT)
                .join();
    }
}
