package dev.holdfast.lock.engine;

import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.LockLostException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;

/**
 * The view of a lock as {@link Lock}: owned by a thread, re-entrant. All views of a name and kind in a registry share who owns it,
 * whatever lock object they came from. A thread that writes may also read, in the same hold, and goes on reading when it unlocks the
 * write lock first; one that reads may not write.
 */
final class ThreadOwnedLock implements Lock {

    /** A thread and what it owns. */
    record Owner(LockTarget target, Thread thread) {}

    /** What it owns, and how many times; touched by the owner only. */
    static final class Owned {

        private LockHandle handle;
        private int depth = 1;

        /** Of a read lock: its hold is that of the write lock which the thread owns too. */
        private boolean withinWrite;

        private Owned(LockHandle handle, boolean withinWrite) {
            this.handle = handle;
            this.withinWrite = withinWrite;
        }
    }

    private final Map<Owner, Owned> holds;
    private final EngineLock lock;

    ThreadOwnedLock(Map<Owner, Owned> holds, EngineLock lock) {
        this.holds = holds;
        this.lock = lock;
    }

    @Override
    public void lock() {
        if (!reentered()) {
            own(lock.acquireUninterruptibly());
        }
    }

    @Override
    public void lockInterruptibly() throws InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException("Interrupted before asking for lock '" + lock.name() + "'");
        }
        if (!reentered()) {
            own(lock.acquireInterruptibly());
        }
    }

    @Override
    public boolean tryLock() {
        return reentered() || owned(lock.tryAcquire());
    }

    @Override
    public boolean tryLock(long wait, TimeUnit unit) throws InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException("Interrupted before asking for lock '" + lock.name() + "'");
        }
        return reentered() || owned(lock.tryAcquire(Duration.ofNanos(Math.max(0, unit.toNanos(wait)))));
    }

    @Override
    public void unlock() {
        Owned owned = holds.get(me());
        if (owned == null) {
            throw new IllegalMonitorStateException("Lock '" + lock.name() + "' is not owned by this thread");
        }
        if (--owned.depth > 0) {
            return;
        }
        holds.remove(me());
        Owned reading = kind().isExclusive() ? holds.get(meAs(Kind.SHARED)) : null;
        if (reading != null) {
            // First, since a lost hold is its own then, too.
            reading.withinWrite = false;
            reading.handle = ((Hold) owned.handle).downgrade();
        } else if (!owned.withinWrite) {
            owned.handle.release();
            owned.handle.loss().ifPresent(loss -> {
                throw new LockLostException(loss);
            });
        }
    }

    /** @throws UnsupportedOperationException always: a wait on another machine cannot be signalled */
    @Override
    public Condition newCondition() {
        throw new UnsupportedOperationException("Distributed locks have no conditions");
    }

    private boolean reentered() {
        Owned owned = holds.get(me());
        if (owned != null) {
            // Entering a lost lock again would protect nothing; the depth stays, so unlocks still pair up.
            owned.handle.ensureHeld();
            owned.depth++;
            return true;
        }
        if (kind().isExclusive() && holds.containsKey(meAs(Kind.SHARED))) {
            throw new IllegalStateException("Lock '" + lock.name()
                    + "' is owned by this thread for reading, so it would wait for itself; unlock the read lock first");
        }
        Owned writing = kind().equals(Kind.SHARED) ? holds.get(meAs(Kind.EXCLUSIVE)) : null;
        if (writing == null) {
            return false;
        }
        writing.handle.ensureHeld();
        holds.put(me(), new Owned(writing.handle, true));
        return true;
    }

    private boolean owned(Optional<LockHandle> handle) {
        handle.ifPresent(this::own);
        return handle.isPresent();
    }

    private void own(LockHandle handle) {
        holds.put(me(), new Owned(handle, false));
    }

    private Owner me() {
        return new Owner(lock.target(), Thread.currentThread());
    }

    private Owner meAs(Kind kind) {
        return new Owner(new LockTarget(lock.target().names(), kind), Thread.currentThread());
    }

    private Kind kind() {
        return lock.target().kind();
    }
}
