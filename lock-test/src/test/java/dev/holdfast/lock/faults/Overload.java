package dev.holdfast.lock.faults;

import dev.holdfast.lock.history.Event;
import dev.holdfast.lock.history.Event.Kind;
import dev.holdfast.lock.history.History;
import dev.holdfast.lock.history.Promise;
import dev.holdfast.lock.history.Violation;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Whether the machine left the processes without a processor for so long that a run shows nothing: an etcd and workers that do not run
 * lose leases and miss time limits, as they should. Nothing excuses two holders, a lower token or something left behind.
 */
final class Overload {

    private static final long TOO_LONG_NANOS = 500_000_000;

    private static final Set<Promise> EXCUSED =
            Set.of(Promise.NO_SPURIOUS_LOSS, Promise.TIMEOUTS_KEPT, Promise.LIVENESS);

    private Overload() {}

    static boolean explains(List<Violation> violations, History history) {
        return violations.stream().map(Violation::promise).allMatch(EXCUSED::contains)
                && longestStall(history) > TOO_LONG_NANOS;
    }

    /** Of any worker, but for those the rig had stopped itself. */
    private static long longestStall(History history) {
        Map<String, Long> since = new HashMap<>();
        Set<String> stoppedByRig = new HashSet<>();
        long longest = 0;
        for (Event event : history.events()) {
            boolean stall = event.detail().equals(StallWatch.STALLED);
            if (event.kind() == Kind.STOPPED) {
                if (stall) {
                    since.put(event.process(), event.at());
                } else {
                    stoppedByRig.add(event.process());
                }
            } else if (event.kind() == Kind.CONTINUED && stall) {
                Long began = since.remove(event.process());
                if (began != null && !stoppedByRig.remove(event.process())) {
                    longest = Math.max(longest, event.at() - began);
                }
            }
        }
        return longest;
    }
}
