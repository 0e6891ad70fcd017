package dev.holdfast.lock.engine;

import dev.holdfast.lock.store.KeyValue;
import java.util.List;

/** How an entry stands in the queues of its names, as far as a read shows. */
sealed interface Standing {

    Standing FREE = new Free();
    Standing UNCLEAR = new Unclear();

    /** Nobody is in the way. */
    record Free() implements Standing {}

    /** Nobody seen is in the way, but the read did not reach far enough. */
    record Unclear() implements Standing {}

    /**
     * Others are in the way.
     *
     * @param blockers in the order of the read
     * @param all whether these are all who block the entry, and not too many to be followed one by one
     */
    record Blocked(String name, List<KeyValue> blockers, boolean all) implements Standing {}

    /**
     * Somebody uses the name for another kind of lock, or with another number of permits.
     *
     * @param passing it is one of ours behind those who agree with us, so it is being withdrawn
     */
    record Disagreeing(String name, Kind kind, String owner, boolean passing) implements Standing {}

    /** Of two names: what must be dealt with first. */
    default Standing and(Standing other) {
        return other.weight() > weight() ? other : this;
    }

    private int weight() {
        if (this instanceof Disagreeing) {
            return 3;
        }
        return this instanceof Blocked ? 2 : this instanceof Unclear ? 1 : 0;
    }
}
