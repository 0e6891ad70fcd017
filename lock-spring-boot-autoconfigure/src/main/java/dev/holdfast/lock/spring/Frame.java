package dev.holdfast.lock.spring;

import dev.holdfast.lock.LockRegistry;
import org.jspecify.annotations.Nullable;

/** One running locked method on its thread; frames of a thread form a stack that is gone when the outermost method has ended. */
final class Frame {

    private static final ThreadLocal<@Nullable Frame> CURRENT = new ThreadLocal<>();

    private final Hold hold;
    private final OnLost onLost;
    private final @Nullable BodyInterrupt interrupt;
    private final @Nullable Frame outer;

    private Frame(Hold hold, OnLost onLost, @Nullable BodyInterrupt interrupt, @Nullable Frame outer) {
        this.hold = hold;
        this.onLost = onLost;
        this.interrupt = interrupt;
        this.outer = outer;
    }

    static @Nullable Frame current() {
        return CURRENT.get();
    }

    /** The hold of that name on this thread, if there is one. */
    static @Nullable Hold holdOf(LockRegistry registry, String name) {
        for (Frame frame = CURRENT.get(); frame != null; frame = frame.outer) {
            if (frame.hold.isOf(registry, name)) {
                return frame.hold;
            }
        }
        return null;
    }

    static Frame push(Hold hold, OnLost onLost) {
        BodyInterrupt interrupt = onLost == OnLost.INTERRUPT ? hold.interrupt() : null;
        Frame frame = new Frame(hold, onLost, interrupt, CURRENT.get());
        CURRENT.set(frame);
        if (interrupt != null) {
            interrupt.enter();
        }
        return frame;
    }

    /** Ends the frame; from now on its thread is not interrupted for it. Returns whether it was. */
    boolean pop() {
        boolean interrupted = interrupt != null && interrupt.exit();
        if (outer == null) {
            CURRENT.remove();
        } else {
            CURRENT.set(outer);
        }
        return interrupted;
    }

    /** @throws dev.holdfast.lock.LockLostException if the hold is lost and its method wants to be stopped then */
    void ensureHeld() {
        if (onLost != OnLost.NOTIFY) {
            hold.handle().ensureHeld();
        }
    }

    Hold hold() {
        return hold;
    }

    @Nullable
    Frame outer() {
        return outer;
    }
}
