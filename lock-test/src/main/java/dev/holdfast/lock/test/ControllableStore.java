package dev.holdfast.lock.test;

import dev.holdfast.lock.StoreStatus;
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
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A store whose network a test decides: requests can be lost, parked and executed later, their answers lost, delayed or replaced by a
 * failure, and watches can be silenced. Counts the calls. Thread-safe; what is under way while a test changes its mind may see either.
 */
public final class ControllableStore implements LockStore {

    /** What can be asked of a store. */
    public enum Call {
        TXN,
        GRANT,
        KEEP_ALIVE,
        LEASE_KEYS,
        REVOKE,
        STATUS
    }

    /** What becomes of a request. */
    public enum Fate {
        /** Executed and answered. */
        PASS,
        /** Never executed; its timeout passes. */
        LOSE_REQUEST,
        /** Executed at once; its timeout passes. */
        LOSE_ANSWER,
        /** Its timeout passes; executed when the test calls {@link ControllableStore#deliverParked()}. */
        PARK
    }

    private final LockStore target;
    private final TimeSource time;
    private final Map<Call, Fate> fates = new ConcurrentHashMap<>();
    private final Map<Call, Integer> counts = new ConcurrentHashMap<>();
    private final Map<Call, StoreException> failures = new ConcurrentHashMap<>();
    private final Set<Call> untilRefreshed = ConcurrentHashMap.newKeySet();
    private final Queue<Runnable> parked = new ConcurrentLinkedQueue<>();
    private final List<Filter> watchers = new CopyOnWriteArrayList<>();
    private volatile Duration answerDelay = Duration.ZERO;
    private volatile boolean watchesSilent;
    private volatile @Nullable StoreException refreshFailure;
    private final AtomicInteger refreshes = new AtomicInteger();
    private final AtomicInteger reconnects = new AtomicInteger();
    private final AtomicInteger watchesOpened = new AtomicInteger();

    public ControllableStore(LockStore target, TimeSource time) {
        this.target = target;
        this.time = time;
    }

    /** The fate of every such request from now on. */
    public void fate(Call call, Fate fate) {
        fates.put(call, fate);
    }

    /** The fate of every request from now on. */
    public void fateOfAll(Fate fate) {
        for (Call call : Call.values()) {
            fate(call, fate);
        }
    }

    /** Every such request fails like this and is not executed, until {@code null} is given. */
    public void failWith(Call call, @Nullable StoreException failure) {
        if (failure == null) {
            failures.remove(call);
        } else {
            failures.put(call, failure);
        }
    }

    /** Every such request fails like this and is not executed, until somebody asks for fresh credentials. */
    public void failUntilRefreshed(Call call, StoreException failure) {
        failWith(call, failure);
        untilRefreshed.add(call);
    }

    /** From now on credentials cannot be refreshed; null: they can again. */
    public void failRefreshesWith(@Nullable StoreException failure) {
        refreshFailure = failure;
    }

    /** Every answer takes this long from now on; the requests are executed at once. */
    public void delayAnswers(Duration delay) {
        answerDelay = delay;
    }

    /** Executes what was parked, in order; the answers are not heard any more. */
    public void deliverParked() {
        // Not those that are parked meanwhile.
        for (int left = parked.size(); left > 0; left--) {
            Runnable due = parked.poll();
            if (due != null) {
                due.run();
            }
        }
    }

    /** Whether watches keep silent about changes from now on. One that has missed something stays silent. */
    public void silenceWatches(boolean silent) {
        watchesSilent = silent;
    }

    /** Breaks every running watch, as the loss of a connection does. */
    public void breakWatches() {
        List<Filter> broken = List.copyOf(watchers);
        watchers.removeAll(broken);
        broken.forEach(filter -> filter.broken(
                new StoreException(StoreException.Kind.UNAVAILABLE, "connection lost by the test", null)));
    }

    /** Every running watch tells again what it has told, from the first to the last. */
    public void tellAgain() {
        List.copyOf(watchers).forEach(Filter::tellAgain);
    }

    /** Watches that were asked for so far. */
    public int watchesOpened() {
        return watchesOpened.get();
    }

    public int count(Call call) {
        return counts.getOrDefault(call, 0);
    }

    public int refreshes() {
        return refreshes.get();
    }

    public int reconnects() {
        return reconnects.get();
    }

    public int openWatches() {
        return watchers.size();
    }

    @Override
    public CompletableFuture<TxnResult> txn(Txn txn, Duration timeout) {
        return route(Call.TXN, timeout, () -> target.txn(txn, timeout));
    }

    @Override
    public CompletableFuture<LeaseGrant> grant(Duration ttl, Duration timeout) {
        return route(Call.GRANT, timeout, () -> target.grant(ttl, timeout));
    }

    @Override
    public CompletableFuture<LeaseGrant> keepAlive(long leaseId, Duration timeout) {
        return route(Call.KEEP_ALIVE, timeout, () -> target.keepAlive(leaseId, timeout));
    }

    @Override
    public CompletableFuture<LeaseKeys> leaseKeys(long leaseId, Duration timeout) {
        return route(Call.LEASE_KEYS, timeout, () -> target.leaseKeys(leaseId, timeout));
    }

    @Override
    public CompletableFuture<Void> revoke(long leaseId, Duration timeout) {
        return route(Call.REVOKE, timeout, () -> target.revoke(leaseId, timeout));
    }

    @Override
    public Watch watch(KeyRange range, Watcher watcher) {
        watchesOpened.incrementAndGet();
        Filter filter = new Filter(watcher);
        watchers.add(filter);
        Watch watch = target.watch(range, filter);
        return () -> {
            watchers.remove(filter);
            filter.ended = true;
            watch.close();
        };
    }

    @Override
    public CompletableFuture<Void> refreshCredentials(Duration timeout) {
        refreshes.incrementAndGet();
        StoreException failure = refreshFailure;
        if (failure != null) {
            return CompletableFuture.failedFuture(failure);
        }
        untilRefreshed.forEach(failures::remove);
        untilRefreshed.clear();
        return CompletableFuture.completedFuture(null);
    }

    @Override
    public CompletableFuture<StoreStatus> status(Duration timeout) {
        return route(Call.STATUS, timeout, () -> target.status(timeout));
    }

    @Override
    public void reconnect() {
        reconnects.incrementAndGet();
    }

    @Override
    public void close() {
        target.close();
    }

    private <T> CompletableFuture<T> route(Call call, Duration timeout, Supplier<CompletableFuture<T>> request) {
        counts.merge(call, 1, Integer::sum);
        StoreException failure = failures.get(call);
        if (failure != null) {
            return delayed(CompletableFuture.failedFuture(failure), timeout);
        }
        return switch (fates.getOrDefault(call, Fate.PASS)) {
            case PASS -> delayed(request.get(), timeout);
            case LOSE_REQUEST -> unanswered(timeout);
            case LOSE_ANSWER -> {
                request.get();
                yield unanswered(timeout);
            }
            case PARK -> {
                parked.add(request::get);
                yield unanswered(timeout);
            }
        };
    }

    private <T> CompletableFuture<T> delayed(CompletableFuture<T> answer, Duration timeout) {
        if (answerDelay.isZero()) {
            return answer;
        }
        if (answerDelay.compareTo(timeout) > 0) {
            return unanswered(timeout);
        }
        CompletableFuture<T> late = new CompletableFuture<>();
        time.schedule(
                answerDelay,
                () -> answer.whenComplete((result, failure) -> {
                    if (failure != null) {
                        late.completeExceptionally(failure);
                    } else {
                        late.complete(result);
                    }
                }));
        return late;
    }

    private <T> CompletableFuture<T> unanswered(Duration timeout) {
        CompletableFuture<T> never = new CompletableFuture<>();
        time.schedule(
                timeout,
                () -> never.completeExceptionally(
                        new StoreException(StoreException.Kind.TIMEOUT, "no answer, by the test's will", null)));
        return never;
    }

    private final class Filter implements Watcher {

        private final Watcher watcher;

        private final Queue<KeyChange> told = new ConcurrentLinkedQueue<>();
        private volatile boolean silent;
        private volatile boolean ended;

        private Filter(Watcher watcher) {
            this.watcher = watcher;
        }

        @Override
        public void ready() {
            if (tells()) {
                watcher.ready();
            }
        }

        @Override
        public void changed(KeyChange change) {
            if (tells()) {
                told.add(change);
                watcher.changed(change);
            }
        }

        private void tellAgain() {
            List.copyOf(told).forEach(watcher::changed);
        }

        private boolean tells() {
            if (watchesSilent) {
                silent = true;
            }
            return !silent && !ended;
        }

        @Override
        public void broken(StoreException cause) {
            watchers.remove(this);
            if (!ended) {
                ended = true;
                watcher.broken(cause);
            }
        }
    }
}
