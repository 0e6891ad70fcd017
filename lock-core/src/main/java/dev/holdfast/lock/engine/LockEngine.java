package dev.holdfast.lock.engine;

import dev.holdfast.lock.LeaderElection;
import dev.holdfast.lock.LeaseLock;
import dev.holdfast.lock.LocalLock;
import dev.holdfast.lock.LockInspection;
import dev.holdfast.lock.LockListener;
import dev.holdfast.lock.LockOptions;
import dev.holdfast.lock.LockRegistry;
import dev.holdfast.lock.LockUnavailableException;
import dev.holdfast.lock.ReadWriteLeaseLock;
import dev.holdfast.lock.RegistryStatus;
import dev.holdfast.lock.StoreStatus;
import dev.holdfast.lock.store.LockStore;
import dev.holdfast.lock.store.StoreException;
import dev.holdfast.lock.time.SystemTimeSource;
import dev.holdfast.lock.time.TimeSource;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The locks above a store: the one implementation of {@link LockRegistry}. Takes store and time from outside, so the same code runs on
 * etcd and in simulation. Thread-safe. {@link #close()} closes the store too.
 */
public final class LockEngine implements LockRegistry {

    private static final Logger log = LoggerFactory.getLogger(LockEngine.class);

    private static final int CALLBACK_THREADS = 64;

    /** Above all slots of single names, which are counted from 0 for each. */
    private static final long FIRST_SLOT_OF_SETS = 0xffff_ffffL;

    private final EngineContext context;
    private final Sessions sessions;
    private final Map<List<String>, NameQueue> queues = new ConcurrentHashMap<>();
    private final Map<ThreadOwnedLock.Owner, ThreadOwnedLock.Owned> threadHolds = new ConcurrentHashMap<>();
    private final RunningElections elections = new RunningElections();
    private final AtomicLong slots = new AtomicLong(FIRST_SLOT_OF_SETS);
    private final AtomicInteger waiting = new AtomicInteger();
    private final AtomicBoolean closing = new AtomicBoolean();
    private final @Nullable ExecutorService ownExecutor;
    private final Runnable onClosed;
    private volatile boolean accepting = true;

    /** An engine on the given time, with a random source of its own; the time source is the caller's to close. */
    public LockEngine(LockStore store, TimeSource time, EngineOptions options) {
        this(store, time, options, threadLocalRandom(), () -> {});
    }

    /**
     * An engine whose every choice comes from outside.
     *
     * @param random for jitter; used from many threads so thread-safe
     * @param onClosed run at the end of {@link #close()}, to free what was made for this engine
     */
    public LockEngine(
            LockStore store, TimeSource time, EngineOptions options, RandomGenerator random, Runnable onClosed) {
        LockKeys keys = new LockKeys(options.keyPrefix(), options.encodeNames());
        Executor given = options.callbackExecutor();
        ExecutorService own = given == null ? newExecutor() : null;
        Executor executor = own == null ? Objects.requireNonNull(given) : own;
        this.ownExecutor = own;
        this.onClosed = onClosed;
        List<LockListener> listeners =
                options.listeners().stream().map(each -> each.of(this)).toList();
        Callbacks callbacks = new Callbacks(listeners, executor, time);
        Batching batching = new Batching(
                store,
                time,
                keys,
                options.batching() ? Batching.Limits.TOGETHER : Batching.Limits.EACH_ALONE,
                operations -> callbacks.tellHere(listener -> listener.batchSent(operations)));
        this.context = new EngineContext(
                store,
                time,
                options,
                keys,
                random,
                EngineContext.gatheringPhase(random),
                callbacks,
                new ClusterWatch(this::clusterChanged),
                new NameWatches(store, time, keys, random),
                batching,
                new StoreTrouble(time),
                new LossLog(time));
        this.sessions = new Sessions(context, this::orphan);
    }

    /** An engine on the machine's clocks, with timers of its own. */
    public static LockEngine onSystemTime(LockStore store, EngineOptions options) {
        SystemTimeSource time = new SystemTimeSource();
        return new LockEngine(store, time, options, threadLocalRandom(), time::close);
    }

    @Override
    public LeaseLock lock(String name) {
        return lock(name, defaults());
    }

    @Override
    public LeaseLock lock(String name, LockOptions options) {
        return lock(LockTarget.of(context.keys().checked(name), Kind.EXCLUSIVE), options);
    }

    @Override
    public LeaseLock semaphore(String name, int permits, LockOptions options) {
        if (permits < 1 || permits > LockOptions.MAX_PERMITS) {
            throw new IllegalArgumentException("Semaphore '" + name + "' is asked for with " + permits
                    + " permits; give 1 to " + LockOptions.MAX_PERMITS);
        }
        return lock(LockTarget.of(context.keys().checked(name), Kind.semaphore(permits)), options);
    }

    @Override
    public ReadWriteLeaseLock readWriteLock(String name, LockOptions options) {
        context.keys().checked(name);
        return new EngineReadWriteLock(
                lock(LockTarget.of(name, Kind.SHARED), options), lock(LockTarget.of(name, Kind.EXCLUSIVE), options));
    }

    @Override
    public LeaseLock allOf(Collection<String> names, LockOptions options) {
        List<String> sorted = names.stream()
                .map(name -> context.keys().checked(name))
                .sorted()
                .distinct()
                .toList();
        if (sorted.isEmpty() || sorted.size() > LockOptions.MAX_NAMES) {
            throw new IllegalArgumentException("A lock of all of " + sorted.size() + " names is asked for; give 1 to "
                    + LockOptions.MAX_NAMES + ", or take a coarser lock");
        }
        return lock(new LockTarget(sorted, Kind.EXCLUSIVE), options);
    }

    private EngineLock lock(LockTarget target, LockOptions options) {
        return new EngineLock(this, context, target, options);
    }

    @Override
    public LeaderElection election(String name, LockOptions options) {
        return new EngineElection(this, context, context.keys().checked(name), options);
    }

    @Override
    public LockOptions defaults() {
        return context.options().lockDefaults();
    }

    @Override
    public RegistryStatus status() {
        return new RegistryStatus(sessions.held(), waiting.get(), sessions.status());
    }

    @Override
    public LockInspection inspection() {
        return new Inspection(this, context);
    }

    /** What every queue has, waiting at most that long for all of them to have said so. */
    List<LocalLock> local(Duration atMost) {
        List<CompletableFuture<List<LocalLock>>> asked =
                queues.values().stream().map(NameQueue::local).toList();
        Uninterruptible.await(context.time(), CompletableFuture.allOf(asked.toArray(CompletableFuture[]::new)), atMost);
        return asked.stream()
                .flatMap(answer -> answer.getNow(List.of()).stream())
                .toList();
    }

    @Override
    public CompletableFuture<StoreStatus> ping(Duration timeout) {
        CompletableFuture<StoreStatus> answer = new CompletableFuture<>();
        context.store()
                .status(EngineLock.capped(timeout))
                .whenComplete((status, failure) -> context.callbacks().run(() -> {
                    if (status != null) {
                        answer.complete(status);
                    } else {
                        StoreException cause = StoreException.of(failure);
                        answer.completeExceptionally(new LockUnavailableException(
                                "",
                                "etcd did not answer: " + cause.getMessage() + "; check that it is up and reachable",
                                cause));
                    }
                }));
        return answer;
    }

    @Override
    public void stopAccepting() {
        accepting = false;
    }

    @Override
    public void close() {
        if (!closing.compareAndSet(false, true)) {
            return;
        }
        accepting = false;
        long deadline =
                context.time().nanoTime() + context.options().closeTimeout().toNanos();
        // Leaders stop before their leases go, but one that does not must not keep the leases of all.
        Duration forLeaders = context.options().closeTimeout().dividedBy(2);
        CompletableFuture<Void> leadersTold = elections.close();
        if (!leadersTold.isDone() && !Uninterruptible.await(context.time(), leadersTold, forLeaders)) {
            log.warn(
                    "The registry closes, but a leader that was told so still runs after {} ms; others may be elected meanwhile. Let"
                            + " LeadershipListener.revoked return sooner",
                    forLeaders.toMillis());
        }
        queues.values().forEach(NameQueue::close);
        if (!Uninterruptible.await(
                context.time(), sessions.close(context.options().closeTimeout()), context.until(deadline))) {
            log.warn(
                    "The registry closes, but etcd has not confirmed within {} ms that its leases are gone; their locks keep others waiting"
                            + " until the TTL has passed",
                    context.options().closeTimeout().toMillis());
        }
        context.watches().close();
        context.store().close();
        context.batching().close();
        if (ownExecutor != null) {
            ownExecutor.shutdown();
            awaitCallbacks(ownExecutor, context.until(deadline));
        }
        // The others can still unlock, and be told of the loss.
        threadHolds.keySet().removeIf(owner -> !owner.thread().isAlive());
        context.callbacks().close();
        onClosed.run();
    }

    /** For tests. */
    Footprint footprint() {
        return sessions.footprint(
                queues.size(),
                threadHolds.size(),
                waiting.get(),
                elections.candidacies(),
                elections.observations(),
                context.watches().size(),
                context.callbacks().refused());
    }

    private static RandomGenerator threadLocalRandom() {
        return () -> ThreadLocalRandom.current().nextLong();
    }

    boolean closed() {
        return closing.get();
    }

    void ensureAccepting(String name) {
        if (!accepting) {
            throw new IllegalStateException(
                    "Lock '" + name + "' cannot be acquired: the registry is closed or shutting down");
        }
    }

    void ensureOpen(String election) {
        if (closed()) {
            throw new IllegalStateException("Election '" + election + "' cannot be asked: the registry is closed");
        }
    }

    RunningElections elections() {
        return elections;
    }

    void submit(Request request) {
        queue(request.target.names()).submit(request);
    }

    void giveUp(Request request, NameQueue.GivenUp why) {
        request.givenUp = true;
        NameQueue queue = queues.get(request.target.names());
        if (queue != null) {
            queue.giveUp(request, why);
        }
    }

    void retire(List<String> names, NameQueue queue) {
        queues.remove(names, queue);
    }

    /**
     * A slot for an entry of several names, never used again: their sets overlap, and the queues of single names, which count their
     * slots from 0, do not know of them.
     */
    long newSlot() {
        return slots.incrementAndGet();
    }

    void waiting(int change) {
        waiting.addAndGet(change);
    }

    Map<ThreadOwnedLock.Owner, ThreadOwnedLock.Owned> threadHolds() {
        return threadHolds;
    }

    Sessions sessions() {
        return sessions;
    }

    private NameQueue queue(List<String> names) {
        return queues.computeIfAbsent(names, absent -> new NameQueue(this, context, absent));
    }

    private void orphan(Session.Orphan orphan) {
        queue(List.of(orphan.name())).orphan(orphan);
    }

    private void clusterChanged() {
        log.error(
                "etcd answers as another cluster, or was restored from a backup: all locks of this process are lost. Check the"
                        + " endpoints, and that no member was started with the data of another cluster");
        sessions.clusterChanged();
    }

    /** Lets listeners hear of the last losses; one that blocks is not waited for. */
    private static void awaitCallbacks(ExecutorService executor, Duration atMost) {
        if (Thread.currentThread() instanceof CallbackThread) {
            return; // it would wait for itself
        }
        try {
            executor.awaitTermination(atMost.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException interrupt) {
            Thread.currentThread().interrupt();
        }
    }

    /** Many threads, since a callback that blocks should not keep another from telling of a loss; but not one for each of 10,000 losses. */
    private static ExecutorService newExecutor() {
        AtomicInteger count = new AtomicInteger();
        ThreadPoolExecutor executor = new ThreadPoolExecutor(
                CALLBACK_THREADS,
                CALLBACK_THREADS,
                10,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(),
                task -> new CallbackThread(task, count.incrementAndGet()));
        executor.allowCoreThreadTimeOut(true);
        return executor;
    }

    private static final class CallbackThread extends Thread {

        private CallbackThread(Runnable task, int number) {
            super(task, "holdfast-callback-" + number);
            setDaemon(true);
        }
    }
}
