package dev.holdfast.lock.spring;

import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.LockRegistry;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One acquired lock, bound to the thread that runs the method; shared by the frames that enter it again. */
final class Hold {

    private final LockRegistry registry;
    private final List<String> names;
    private final LockKind kind;
    private final LockHandle handle;

    /** Touched by the owning thread only. */
    private @Nullable BodyInterrupt interrupt;

    Hold(LockRegistry registry, List<String> names, LockKind kind, LockHandle handle) {
        this.registry = registry;
        this.names = names;
        this.kind = kind;
        this.handle = handle;
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
        return this.registry == registry && names.contains(name);
    }

    /**
     * From here to {@link #exitInterruptibly} its thread is interrupted when it is lost, also if it is already. One subscription per hold,
     * however often it is entered: dependents of {@code lost()} stay until the hold is garbage.
     */
    void enterInterruptibly() {
        if (interrupt != null) {
            interrupt.enter();
            return;
        }
        BodyInterrupt created = new BodyInterrupt(Thread.currentThread());
        created.enter();
        interrupt = created;
        handle.lost().thenAccept(created);
    }

    /** Whether the flag of the thread was set by us since the last exit; then it is the caller's to clear. */
    boolean exitInterruptibly() {
        return interrupt != null && interrupt.exit();
    }
}
