package dev.holdfast.lock.test.control;

import dev.holdfast.lock.LeaseLock;
import dev.holdfast.lock.LocalLock;
import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.LockListener;
import dev.holdfast.lock.LockLoss;
import dev.holdfast.lock.LockOptions;
import dev.holdfast.lock.LockRegistry;
import dev.holdfast.lock.RegistryStatus;
import dev.holdfast.lock.engine.EngineOptions;
import dev.holdfast.lock.engine.LockEngine;
import dev.holdfast.lock.engine.Owner;
import dev.holdfast.lock.memory.MemoryLockRegistry;
import dev.holdfast.lock.memory.MemoryLockRegistryCustomizer;
import dev.holdfast.lock.memory.MemoryServer;
import dev.holdfast.lock.store.KeyRange;
import dev.holdfast.lock.store.KeyValue;
import dev.holdfast.lock.store.LockStore;
import dev.holdfast.lock.store.Op;
import dev.holdfast.lock.store.OpResult;
import dev.holdfast.lock.store.StoreException;
import dev.holdfast.lock.store.Txn;
import dev.holdfast.lock.test.ControllableStore;
import dev.holdfast.lock.test.ControllableStore.Call;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What happens to the locks of a test: a lock is lost, etcd is away, somebody else holds a lock, time moves on. The registry under test
 * is the real one on a model of etcd in memory; nothing here waits for real time. Each method returns when listeners and futures were
 * told of what it did. Thread-safe.
 *
 * <p>Time is that of the machine plus what {@link #advance} adds. A thread that waits for nothing but time, because etcd is away or
 * because somebody elsewhere holds the lock, does not really wait: the time until its wait ends, or until the lock is free, is added at
 * once. While the application also waits for a lock that nobody elsewhere holds, it really waits for those that somebody does: it would
 * miss the one for the other.
 *
 * <p>What is done here is done to all registries under this control, so tests that share one must not run at the same time.
 */
public final class LockTestControl implements MemoryLockRegistryCustomizer, AutoCloseable {

    /** More audits than the longest TTL needs. */
    private static final int SECONDS_TO_NOTICE = 120;

    private static final Duration ANSWER = Duration.ofSeconds(1);

    private final ShiftedTime time = new ShiftedTime(this::waitsAreInVain);
    private final MemoryServer server = new MemoryServer(time);
    private final LockStore view = server.connect();
    private final CountedCallbacks callbacks = new CountedCallbacks();
    private final HoldsOfApplication holds = new HoldsOfApplication();
    private final WaitsOfApplication waits = new WaitsOfApplication();
    private final List<ControllableStore> links = new CopyOnWriteArrayList<>();
    private final Set<LockHandle> elsewhere = ConcurrentHashMap.newKeySet();
    private volatile boolean away;
    private volatile @Nullable EngineOptions settings;
    private @Nullable LockRegistry others;

    private LockTestControl() {}

    public static LockTestControl create() {
        return new LockTestControl();
    }

    /** A registry under this control, with defaults. */
    public LockRegistry newRegistry() {
        MemoryLockRegistry.Builder builder = MemoryLockRegistry.builder();
        customize(builder);
        return builder.build();
    }

    /** Puts the registry that this builder makes under this control. */
    @Override
    public void customize(MemoryLockRegistry.Builder builder) {
        builder.engine(this::start);
    }

    /** Lets time pass for all locks: leases are renewed, or end while etcd is away; waits time out; {@code maxHold} ends. */
    public void advance(Duration duration) {
        time.advance(duration);
        callbacks.settle();
    }

    /**
     * The application loses that lock, as if an operator had deleted its key: {@link LockLoss.Reason#KEY_DELETED}. It is noticed as in
     * production, so time moves on by up to a sixth of the TTL.
     *
     * @throws IllegalStateException if the application does not hold it
     */
    public void lose(String name) {
        List<LockHandle> lost = holds.of(name);
        if (lost.isEmpty()) {
            throw new IllegalStateException("Lock '" + name + "' is not held, so it cannot be lost; held are: "
                    + String.join(", ", holds.names()));
        }
        // The oldest entries are those that hold.
        Set<String> leasesElsewhere = leasesElsewhere();
        entries(name).stream()
                .filter(entry -> !leasesElsewhere.contains(Long.toHexString(entry.leaseId())))
                .limit(lost.size())
                .forEach(entry -> txn(new Op.Delete(KeyRange.single(entry.key()))));
        for (int second = 0; lost.stream().anyMatch(LockHandle::isHeld); second++) {
            if (second == SECONDS_TO_NOTICE) {
                throw new IllegalStateException("Lock '" + name
                        + "' is still held; while etcd is away it can only expire:" + " use advance(..)");
            }
            time.advance(Duration.ofSeconds(1));
        }
        callbacks.settle();
    }

    /**
     * Another process holds that lock until the returned handle is released or the test ends. Who waits for it meanwhile times out at
     * once. For a semaphore there is {@link #holdElsewhere(String, int)}.
     *
     * @throws IllegalStateException if somebody holds the lock or waits for it
     */
    public LockHandle holdElsewhere(String name) {
        LockHandle handle = takeElsewhere(others().lock(name));
        elsewhere.add(handle);
        return handle;
    }

    /**
     * As {@link #holdElsewhere(String)}, of a semaphore: another process holds all of its permits. A handle for each of them, to be
     * released one by one.
     *
     * @param permits as the application states them
     * @throws IllegalStateException if somebody holds a permit or waits for one
     * @throws dev.holdfast.lock.LockConflictException if the application uses the name for something else
     */
    public List<LockHandle> holdElsewhere(String name, int permits) {
        LeaseLock semaphore = others().semaphore(name, permits);
        List<LockHandle> taken = new ArrayList<>();
        try {
            for (int permit = 0; permit < permits; permit++) {
                taken.add(takeElsewhere(semaphore));
            }
        } catch (RuntimeException inUse) {
            taken.forEach(LockHandle::release);
            throw inUse;
        }
        elsewhere.addAll(taken);
        return List.copyOf(taken);
    }

    /** As {@link #holdElsewhere(String)}, released after that time; who waits long enough gets the lock then, at once. */
    public LockHandle holdElsewhere(String name, Duration held) {
        LockHandle handle = holdElsewhere(name);
        time.schedule(held, handle::releaseAsync);
        return handle;
    }

    /** The application does not reach etcd any more; other processes do. Held locks stay held until they expire: {@link #advance}. */
    public void etcdAway() {
        away = true;
        links.forEach(LockTestControl::cut);
        callbacks.settle();
    }

    /** The application reaches etcd again. */
    public void etcdBack() {
        away = false;
        links.forEach(LockTestControl::restore);
        callbacks.settle();
    }

    /** Whether the application holds that lock, alone or as one of several. */
    public boolean isHeld(String name) {
        return !holds.of(name).isEmpty();
    }

    /** etcd is back, and nobody elsewhere holds anything. What the application holds stays. With Spring called after each test. */
    public void reset() {
        if (away) {
            etcdBack();
        }
        elsewhere.forEach(LockHandle::release);
        elsewhere.clear();
        // Who waits hears of a release by a timer that is due at once.
        time.advance(Duration.ZERO);
        callbacks.settle();
    }

    /** Ends the time and the other holders, but no registry under test: close those before. */
    @Override
    public synchronized void close() {
        reset();
        if (others != null) {
            others.close();
        }
        time.close();
        callbacks.close();
    }

    private LockRegistry start(EngineOptions options) {
        settings = options;
        ControllableStore link = new ControllableStore(server.connect(), time);
        links.add(link);
        if (away) {
            cut(link);
        }
        List<LockListener> listeners = new ArrayList<>(options.listeners());
        listeners.add(holds);
        AtomicReference<@Nullable LockRegistry> started = new AtomicReference<>();
        LockRegistry registry = engine(
                link,
                options.withListeners(listeners).withCallbackExecutor(callbacks.over(options.callbackExecutor())),
                () -> {
                    links.remove(link);
                    waits.remove(Objects.requireNonNull(started.get()));
                });
        started.set(registry);
        waits.add(registry);
        return registry;
    }

    /** The other processes, as one; it writes its keys where the application does. */
    private synchronized LockRegistry others() {
        LockRegistry known = others;
        if (known == null) {
            known = engine(
                    server.connect(),
                    settings()
                            .withOwner(Owner.local("elsewhere"))
                            .withListeners(List.of())
                            .withLockDefaults(LockOptions.defaults())
                            .withCallbackExecutor(callbacks.over(null)),
                    () -> {});
            others = known;
        }
        return known;
    }

    private LockRegistry engine(LockStore store, EngineOptions options, Runnable onClosed) {
        return new LockEngine(
                store, time, options, () -> ThreadLocalRandom.current().nextLong(), onClosed);
    }

    private EngineOptions settings() {
        EngineOptions known = settings;
        if (known == null) {
            throw new IllegalStateException("No lock registry is under this control. With Spring it is the one that"
                    + " holdfast.store=memory makes; is there another LockRegistry bean? Without, use newRegistry()");
        }
        return known;
    }

    private LockHandle takeElsewhere(LeaseLock lock) {
        return lock.tryAcquire()
                .orElseThrow(() -> new IllegalStateException("Lock '" + lock.name()
                        + "' is held or waited for, so nobody else can get it; let it be released, or lose(\""
                        + lock.name() + "\") first"));
    }

    private boolean waitsAreInVain() {
        return away || elsewhere.stream().anyMatch(LockHandle::isHeld) && waits.someAndAll(this::isHeldElsewhere);
    }

    /** One of its names, with as many permits as there are. */
    private boolean isHeldElsewhere(LocalLock wait) {
        return wait.names().stream()
                .anyMatch(name -> elsewhere.stream()
                                .filter(other -> other.isHeld() && other.name().equals(name))
                                .count()
                        >= wait.permits());
    }

    private synchronized Set<String> leasesElsewhere() {
        LockRegistry known = others;
        return known == null
                ? Set.of()
                : known.status().sessions().stream()
                        .map(RegistryStatus.Session::lease)
                        .collect(Collectors.toSet());
    }

    /** Who holds that name and waits for it, in their order. */
    private List<KeyValue> entries(String name) {
        EngineOptions options = settings();
        String encoded = options.encodeNames() ? name.replace("%", "%25").replace("/", "%2F") : name;
        KeyRange range = KeyRange.prefix(options.keyPrefix() + encoded + "/");
        return txn(new Op.Get(range, Op.Order.OLDEST_FIRST, 0, 0, true));
    }

    private List<KeyValue> txn(Op op) {
        // The model answers at once.
        OpResult result = view.txn(Txn.of(op), ANSWER).join().results().get(0);
        return result instanceof OpResult.Keys found ? found.keys() : List.of();
    }

    private static void cut(ControllableStore link) {
        for (Call call : Call.values()) {
            link.failWith(
                    call,
                    new StoreException(StoreException.Kind.UNAVAILABLE, "etcd is away, by the test's will", null));
        }
        link.silenceWatches(true);
        link.breakWatches();
    }

    private static void restore(ControllableStore link) {
        for (Call call : Call.values()) {
            link.failWith(call, null);
        }
        link.silenceWatches(false);
        // Those opened meanwhile would stay silent.
        link.breakWatches();
    }
}
