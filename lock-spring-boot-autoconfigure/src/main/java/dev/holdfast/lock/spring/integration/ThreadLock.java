package dev.holdfast.lock.spring.integration;

import dev.holdfast.lock.LeaseLock;
import dev.holdfast.lock.LockException;
import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.LockLoss;
import dev.holdfast.lock.LockLostException;
import dev.holdfast.lock.LockOptions;
import dev.holdfast.lock.LockRegistry;
import java.time.Duration;
import java.util.ConcurrentModificationException;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import org.springframework.dao.CannotAcquireLockException;
import org.springframework.integration.support.locks.DistributedLock;

/** The lock of a name, owned by threads. Has no state of its own, so one is made each time. */
final class ThreadLock implements DistributedLock {

    /** Longer than anybody waits; capped by the locks anyway. */
    private static final Duration FOREVER = Duration.ofDays(365);

    private interface Acquisition<E extends Exception> {

        Optional<LockHandle> acquire() throws E;
    }

    private final LockRegistry registry;
    private final String name;
    private final LockOptions options;
    private final ThreadHolds holds;

    ThreadLock(LockRegistry registry, String name, LockOptions options, ThreadHolds holds) {
        this.registry = registry;
        this.name = name;
        this.options = options;
        this.holds = holds;
    }

    @Override
    public void lock() {
        lock(options.ttl());
    }

    @Override
    public void lock(Duration ttl) {
        LeaseLock lock = lockOf(ttl);
        mustEnter(() -> acquireUninterruptibly(lock));
    }

    @Override
    public void lockInterruptibly() throws InterruptedException {
        checkInterrupt();
        mustEnter(() -> lockOf(options.ttl()).tryAcquire(FOREVER));
    }

    @Override
    public boolean tryLock() {
        return enter(() -> lockOf(options.ttl()).tryAcquire());
    }

    @Override
    public boolean tryLock(long wait, TimeUnit unit) throws InterruptedException {
        return tryLock(Duration.ofNanos(unit.toNanos(wait)), options.ttl());
    }

    @Override
    public boolean tryLock(Duration wait, Duration ttl) throws InterruptedException {
        LeaseLock lock = lockOf(ttl);
        checkInterrupt();
        return enter(() -> lock.tryAcquire(wait.isNegative() ? Duration.ZERO : wait));
    }

    @Override
    public void unlock() {
        holds.leave(name).ifPresent(handle -> {
            handle.release();
            handle.loss().ifPresent(this::throwLost);
        });
    }

    /** @throws UnsupportedOperationException always: a wait on another machine cannot be signalled */
    @Override
    public Condition newCondition() {
        throw new UnsupportedOperationException("Distributed locks have no conditions");
    }

    private LeaseLock lockOf(Duration ttl) {
        return registry.lock(name, options.withTtl(TimeToLive.allowed(ttl)));
    }

    private <E extends Exception> void mustEnter(Acquisition<E> acquisition) throws E {
        if (!enter(acquisition)) {
            throw new CannotAcquireLockException("Lock '" + name + "' was busy for " + FOREVER.toDays() + " days");
        }
    }

    private <E extends Exception> boolean enter(Acquisition<E> acquisition) throws E {
        try {
            if (holds.reenter(name)) {
                return true;
            }
            Optional<LockHandle> handle = acquisition.acquire();
            handle.ifPresent(granted -> holds.add(granted, name));
            return handle.isPresent();
        } catch (LockException | IllegalStateException failure) {
            throw new CannotAcquireLockException("Lock '" + name + "' could not be acquired", failure);
        }
    }

    /** {@code join} waits on through interrupts and restores the flag, and the request keeps its place in the queue. */
    private static Optional<LockHandle> acquireUninterruptibly(LeaseLock lock) {
        try {
            return lock.tryAcquireAsync(FOREVER).join();
        } catch (CompletionException failure) {
            throw failure.getCause() instanceof LockException cause ? cause : failure;
        }
    }

    private void checkInterrupt() throws InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException("Interrupted before asking for lock '" + name + "'");
        }
    }

    private void throwLost(LockLoss loss) {
        throw new ConcurrentModificationException(
                "Lock '" + name + "' was lost before it was unlocked; what it protects may have been changed by others",
                new LockLostException(loss));
    }

    @Override
    public String toString() {
        return "HoldfastLock[" + name + "]";
    }
}
