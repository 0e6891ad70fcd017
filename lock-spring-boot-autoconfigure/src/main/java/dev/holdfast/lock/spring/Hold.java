package dev.holdfast.lock.spring;

import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.LockLoss;
import dev.holdfast.lock.LockRegistry;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One acquired lock, bound to the thread that runs the method; shared by the frames that enter it again. Runs on other threads, which
 * may outlast the first, have a view of their own. The last of all to leave releases the lock.
 */
final class Hold {

    private final LockRegistry registry;
    private final List<String> names;
    private final LockKind kind;
    private final LockHandle handle;

    /** The hold of which this is a view, or itself. */
    private final Hold original;

    /** Of the original: runs that have not left it. */
    private int users = 1;

    /** Of the original. */
    private @Nullable LossListeners losses;

    /** Touched by the owning thread only. */
    private @Nullable BodyInterrupt interrupt;

    Hold(LockRegistry registry, List<String> names, LockKind kind, LockHandle handle) {
        this.registry = registry;
        this.names = names;
        this.kind = kind;
        this.handle = handle;
        this.original = this;
    }

    private Hold(Hold original) {
        this.registry = original.registry;
        this.names = original.names;
        this.kind = original.kind;
        this.handle = original.handle;
        this.original = original;
    }

    /** The same hold for a run on another thread. */
    Hold elsewhere() {
        return new Hold(original);
    }

    /** Keeps the hold until one more has left; false if all have. */
    boolean enter() {
        synchronized (original) {
            if (original.users == 0) {
                return false;
            }
            original.users++;
            return true;
        }
    }

    private boolean leave() {
        synchronized (original) {
            original.users--;
            return original.users == 0;
        }
    }

    void release() {
        if (leave()) {
            handle.release();
        }
    }

    /** Completes when the lock is released, or at once if others are still in. */
    CompletableFuture<Void> releaseAsync() {
        return leave() ? handle.releaseAsync() : CompletableFuture.completedFuture(null);
    }

    LockHandle handle() {
        return handle;
    }

    List<String> names() {
        return names;
    }

    LockKind kind() {
        return kind;
    }

    boolean isOf(LockRegistry registry, String name) {
        return this.registry == registry && isOf(name);
    }

    boolean isOf(String name) {
        return names.contains(name) && !isOver();
    }

    /** Nothing, if all have left it. */
    void ensureHeldUnlessOver() {
        if (isOver()) {
            return;
        }
        try {
            handle.ensureHeld();
        } catch (IllegalStateException released) {
            // By the last to leave, or by the method itself.
            if (!isOver()) {
                throw released;
            }
        }
    }

    /** A frame of another thread may outlive it. */
    private boolean isOver() {
        synchronized (original) {
            return original.users == 0;
        }
    }

    /** Tells of a loss until it is {@linkplain #forget forgotten}. */
    void onLoss(Consumer<LockLoss> listener) {
        losses().add(listener);
    }

    private LossListeners losses() {
        synchronized (original) {
            LossListeners existing = original.losses;
            if (existing != null) {
                return existing;
            }
            LossListeners created = new LossListeners(handle);
            original.losses = created;
            return created;
        }
    }

    /** The listener need not have been there. */
    void forget(Consumer<LockLoss> listener) {
        LossListeners existing;
        synchronized (original) {
            existing = original.losses;
        }
        if (existing != null) {
            existing.remove(listener);
        }
    }

    /** From here to {@link #exitInterruptibly} its thread is interrupted when it is lost, also if it is already. */
    void enterInterruptibly() {
        if (interrupt != null) {
            interrupt.enter();
            return;
        }
        BodyInterrupt created = new BodyInterrupt(Thread.currentThread());
        created.enter();
        interrupt = created;
        if (this == original) {
            // Once per hold, however often it is entered: dependents of lost() stay until the hold is garbage.
            handle.lost().thenAccept(created);
        } else {
            onLoss(created);
        }
    }

    /** Whether the flag of the thread was set by us since the last exit; then it is the caller's to clear. */
    boolean exitInterruptibly() {
        BodyInterrupt entered = interrupt;
        if (entered == null) {
            return false;
        }
        boolean ours = entered.exit();
        if (this != original && entered.isIdle()) {
            forget(entered);
            interrupt = null;
        }
        return ours;
    }
}
