package dev.holdfast.lock.spring;

import dev.holdfast.lock.LeaderElection;
import dev.holdfast.lock.LeaseLock;
import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.LockInspection;
import dev.holdfast.lock.LockLoss;
import dev.holdfast.lock.LockLostException;
import dev.holdfast.lock.LockNotAcquiredException;
import dev.holdfast.lock.LockOptions;
import dev.holdfast.lock.LockRegistry;
import dev.holdfast.lock.ReadWriteLeaseLock;
import dev.holdfast.lock.RegistryStatus;
import dev.holdfast.lock.StoreStatus;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Lock;
import org.jspecify.annotations.Nullable;

/** A registry without a store, for what a test must provoke: a loss at an exact moment, a busy name. Keeps a log of what was asked. */
public final class FakeLockRegistry implements LockRegistry {

    public final List<String> log = new CopyOnWriteArrayList<>();
    public final Map<String, LockOptions> optionsByName = new ConcurrentHashMap<>();
    public final Map<String, FakeElection> elections = new ConcurrentHashMap<>();
    public final Set<String> busy = ConcurrentHashMap.newKeySet();
    private final Map<String, FakeHandle> held = new ConcurrentHashMap<>();
    private final AtomicLong tokens = new AtomicLong();
    private final LockOptions defaults = LockOptions.defaults().withWaitTime(Duration.ofMillis(1));

    public void lose(String name) {
        FakeHandle handle = held.get(name);
        if (handle == null) {
            throw new IllegalStateException(name + " is not held");
        }
        handle.lose();
    }

    public boolean isHeld(String name) {
        return held.containsKey(name);
    }

    @Override
    public LeaseLock lock(String name) {
        return lock(name, defaults);
    }

    @Override
    public LeaseLock lock(String name, LockOptions options) {
        optionsByName.put(name, options);
        return new FakeLock(name, options);
    }

    @Override
    public LeaseLock semaphore(String name, int permits, LockOptions options) {
        throw new UnsupportedOperationException();
    }

    @Override
    public ReadWriteLeaseLock readWriteLock(String name, LockOptions options) {
        throw new UnsupportedOperationException();
    }

    @Override
    public LeaseLock allOf(Collection<String> names, LockOptions options) {
        throw new UnsupportedOperationException();
    }

    @Override
    public LeaderElection election(String name, LockOptions options) {
        optionsByName.put(name, options);
        return elections.computeIfAbsent(name, absent -> new FakeElection(name, log));
    }

    @Override
    public LockOptions defaults() {
        return defaults;
    }

    @Override
    public RegistryStatus status() {
        return new RegistryStatus(held.size(), 0, List.of());
    }

    @Override
    public LockInspection inspection() {
        throw new UnsupportedOperationException();
    }

    @Override
    public CompletableFuture<StoreStatus> ping(Duration timeout) {
        return CompletableFuture.completedFuture(new StoreStatus("fake", true, Duration.ZERO));
    }

    @Override
    public void stopAccepting() {
        log.add("stopAccepting");
    }

    @Override
    public void close() {
        log.add("close");
    }

    private final class FakeLock implements LeaseLock {

        private final String name;
        private final LockOptions options;

        FakeLock(String name, LockOptions options) {
            this.name = name;
            this.options = options;
        }

        @Override
        public String name() {
            return name;
        }

        @Override
        public LockOptions options() {
            return options;
        }

        @Override
        public LockHandle acquire() throws InterruptedException {
            return tryAcquire(options.waitTime())
                    .orElseThrow(() -> new LockNotAcquiredException(name, options.waitTime()));
        }

        @Override
        public Optional<LockHandle> tryAcquire() {
            if (busy.contains(name) || held.containsKey(name)) {
                log.add("busy " + name);
                return Optional.empty();
            }
            FakeHandle handle = new FakeHandle(name, tokens.incrementAndGet());
            held.put(name, handle);
            log.add("acquire " + name);
            return Optional.of(handle);
        }

        @Override
        public Optional<LockHandle> tryAcquire(Duration wait) throws InterruptedException {
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
            return tryAcquire();
        }

        @Override
        public CompletableFuture<Optional<LockHandle>> tryAcquireAsync(Duration wait) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Lock asLock() {
            throw new UnsupportedOperationException();
        }
    }

    private final class FakeHandle implements LockHandle {

        private final String name;
        private final long token;
        private final CompletableFuture<LockLoss> lost = new CompletableFuture<>();
        private volatile boolean ended;
        private volatile @Nullable LockLoss loss;

        FakeHandle(String name, long token) {
            this.name = name;
            this.token = token;
        }

        void lose() {
            LockLoss reason = new LockLoss(name, token, LockLoss.Reason.EXPIRED, "the test said so");
            ended = true;
            loss = reason;
            held.remove(name);
            log.add("lose " + name);
            lost.complete(reason);
        }

        @Override
        public String name() {
            return name;
        }

        @Override
        public boolean isHeld() {
            return !ended;
        }

        @Override
        public Duration remaining() {
            return ended ? Duration.ZERO : Duration.ofSeconds(30);
        }

        @Override
        public void ensureHeld() {
            LockLoss reason = loss;
            if (reason != null) {
                throw new LockLostException(reason);
            }
        }

        @Override
        public long fencingToken() {
            return token;
        }

        @Override
        public boolean extend(Duration maxHold, Duration holdAtLeast) {
            log.add("extend " + name + " " + maxHold + " " + holdAtLeast);
            return !ended;
        }

        @Override
        public Optional<LockLoss> loss() {
            return Optional.ofNullable(loss);
        }

        @Override
        public CompletionStage<LockLoss> lost() {
            return lost.minimalCompletionStage();
        }

        @Override
        public void release() {
            if (!ended) {
                ended = true;
                held.remove(name);
                log.add("release " + name);
            }
        }

        @Override
        public CompletableFuture<Void> releaseAsync() {
            release();
            return CompletableFuture.completedFuture(null);
        }
    }
}
