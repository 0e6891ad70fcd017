package dev.holdfast.lock.engine;

import java.util.HashMap;
import java.util.Map;

/**
 * Tells of each entry of a queue, the oldest first, whether it holds: by the rule that decides for the engine too, those before it that
 * block it are fewer than its limit. Not thread-safe.
 */
final class QueueOrder {

    /** A queue has few kinds, but may have very many entries. */
    private final Map<Kind, Integer> before = new HashMap<>(4);

    boolean holds(Kind next) {
        int blockers = 0;
        boolean agrees = true;
        for (Map.Entry<Kind, Integer> others : before.entrySet()) {
            // One that disagrees waits if it is another program's, and withdraws if it is ours.
            agrees &= next.agreesWith(others.getKey());
            blockers += next.blockedBy(others.getKey()) ? others.getValue() : 0;
        }
        before.merge(next, 1, Integer::sum);
        return agrees && blockers < next.permits();
    }
}
