package dev.holdfast.lock.spring;

import dev.holdfast.lock.LockRegistry;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One running locked method on its thread; frames of a thread form a stack that is gone when the outermost method has ended. */
final class Frame {

    private static final ThreadLocal<@Nullable Frame> CURRENT = new ThreadLocal<>();

    /** The newest first; one, unless the method entered locks of other methods again. */
    private final List<Hold> holds;

    private final OnLost onLost;
    private final @Nullable Frame outer;

    private Frame(List<Hold> holds, OnLost onLost, @Nullable Frame outer) {
        this.holds = holds;
        this.onLost = onLost;
        this.outer = outer;
    }

    static @Nullable Frame current() {
        return CURRENT.get();
    }

    /** @param outer the frame around it, also if that one is on another thread */
    static Frame push(List<Hold> holds, OnLost onLost, @Nullable Frame outer) {
        Frame frame = new Frame(holds, onLost, outer);
        CURRENT.set(frame);
        if (onLost == OnLost.INTERRUPT) {
            for (Hold hold : holds) {
                hold.enterInterruptibly();
            }
        }
        return frame;
    }

    /**
     * Ends the frame; from now on its thread is not interrupted for it. Returns whether it was.
     *
     * @param before the frame that was current on the thread
     */
    boolean pop(@Nullable Frame before) {
        boolean interrupted = false;
        if (onLost == OnLost.INTERRUPT) {
            for (Hold hold : holds) {
                interrupted |= hold.exitInterruptibly();
            }
        }
        if (before == null) {
            CURRENT.remove();
        } else {
            CURRENT.set(before);
        }
        return interrupted;
    }

    /** This frame and those around it, for a run on another thread. */
    Frame elsewhere() {
        return new Frame(
                holds.stream().map(Hold::elsewhere).toList(), onLost, outer == null ? null : outer.elsewhere());
    }

    /** The hold of that name in this frame or one around it, if there is one. */
    @Nullable
    Hold holdOf(LockRegistry registry, String name) {
        for (Frame frame = this; frame != null; frame = frame.outer) {
            for (Hold hold : frame.holds) {
                if (hold.isOf(registry, name)) {
                    return hold;
                }
            }
        }
        return null;
    }

    /** As {@link #holdOf(LockRegistry, String)}, whatever registry it is of. */
    @Nullable
    Hold holdOf(String name) {
        for (Frame frame = this; frame != null; frame = frame.outer) {
            for (Hold hold : frame.holds) {
                if (hold.isOf(name)) {
                    return hold;
                }
            }
        }
        return null;
    }

    /** Each of {@code some} once, in the order in which the frames from here outwards have them. */
    List<Hold> newestFirst(List<Hold> some) {
        List<Hold> ordered = new ArrayList<>(some.size());
        for (Frame frame = this; frame != null; frame = frame.outer) {
            for (Hold hold : frame.holds) {
                if (some.contains(hold) && !ordered.contains(hold)) {
                    ordered.add(hold);
                }
            }
        }
        return ordered;
    }

    /**
     * Of a frame of another thread whose method has ended meanwhile, nothing is asked.
     *
     * @throws dev.holdfast.lock.LockLostException if a hold is lost and the method wants to be stopped then
     */
    void ensureHeld() {
        if (onLost != OnLost.NOTIFY) {
            holds.forEach(Hold::ensureHeldUnlessOver);
        }
    }

    /** The newest of its holds. */
    Hold hold() {
        return holds.get(0);
    }

    List<Hold> holds() {
        return holds;
    }

    @Nullable
    Frame outer() {
        return outer;
    }
}
