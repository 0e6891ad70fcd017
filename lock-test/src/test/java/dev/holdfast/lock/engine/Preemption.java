package dev.holdfast.lock.engine;

import java.util.function.BiPredicate;
import net.bytebuddy.asm.Advice;
import org.jspecify.annotations.Nullable;

/**
 * Lets a simulation decide when the events of a mailbox run. Without it they run at once, since the simulation has only one thread, and
 * an actor would never be seen between what another told it and its hearing of that.
 */
public final class Preemption {

    /** Given a mailbox and what hands it the event; true: taken, to be run later and in order. */
    private static final ThreadLocal<@Nullable BiPredicate<Object, Runnable>> SCHEDULER = new ThreadLocal<>();

    private Preemption() {}

    /** Runs the task on this thread, with somebody who decides. */
    public static void run(Runnable task, BiPredicate<Object, Runnable> scheduler) {
        @Nullable BiPredicate<Object, Runnable> before = SCHEDULER.get();
        SCHEDULER.set(scheduler);
        try {
            task.run();
        } finally {
            SCHEDULER.set(before);
        }
    }

    /** To be called by the woven code. */
    public static boolean defer(Object mailbox, Runnable event) {
        @Nullable BiPredicate<Object, Runnable> scheduler = SCHEDULER.get();
        return scheduler != null && scheduler.test(mailbox, () -> ((Mailbox) mailbox).execute(event));
    }

    static final class Deferred {

        private Deferred() {}

        @Advice.OnMethodEnter(skipOn = Advice.OnNonDefaultValue.class)
        static boolean enter(@Advice.This Object mailbox, @Advice.Argument(0) Runnable event) {
            return defer(mailbox, event);
        }
    }
}
