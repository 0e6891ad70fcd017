package dev.holdfast.lock.simulation;

import dev.holdfast.lock.history.Event;
import java.util.HashMap;
import java.util.Map;

/** What the locks protect: takes a write only with a token that is not lower than any seen. */
final class Resource {

    private final World world;
    private final Map<String, Long> greatest = new HashMap<>();

    Resource(World world) {
        this.world = world;
    }

    /** @param sure whether the writer asked in this very moment and was told that it holds */
    void write(String name, long hold, long token, boolean sure) {
        boolean taken = token >= greatest.getOrDefault(name, 0L);
        if (taken) {
            greatest.put(name, token);
        }
        world.record(new Event(
                        world.now(),
                        "resource",
                        taken ? Event.Kind.WRITTEN : Event.Kind.WRITE_REFUSED,
                        name,
                        0,
                        hold,
                        sure ? Event.HOLDER : "")
                .withToken(token));
    }
}
