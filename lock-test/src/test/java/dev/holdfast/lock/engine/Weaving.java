package dev.holdfast.lock.engine;

import java.util.List;

/**
 * A change to the byte code of one class of the engine.
 *
 * @param type name of the class
 * @param methods names of the methods that are changed
 * @param advice what is woven into them
 */
public record Weaving(String type, List<String> methods, Class<?> advice) {

    /** Events of an actor come as late as when another thread is busy with it, or is not given a core. */
    public static final Weaving PREEMPTION =
            new Weaving(Mailbox.class.getName(), List.of("execute"), Preemption.Deferred.class);
}
