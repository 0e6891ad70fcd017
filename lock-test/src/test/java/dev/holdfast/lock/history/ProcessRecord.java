package dev.holdfast.lock.history;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** One process: when it ran, what it closed, which sessions it had. */
final class ProcessRecord {

    boolean killed;

    @Nullable
    Event closing;

    long stoppedBeforeClosing;

    /** Ends of sessions by lease. */
    final Map<Long, Event> ended = new HashMap<>();

    /** Answers that a lease lives, by lease, in the order in which they came. */
    final Map<Long, List<Event>> confirmed = new HashMap<>();

    /** By name: the first claims of those that were served, by call. */
    private final Map<String, NavigableMap<Long, Event>> served = new HashMap<>();

    private final Map<String, Balance> balances = new HashMap<>();

    private final List<long[]> stops = new ArrayList<>();

    void stop(long at) {
        if (!isStopped()) {
            stops.add(new long[] {at, Long.MAX_VALUE});
        }
    }

    void resume(long at) {
        if (isStopped()) {
            stops.get(stops.size() - 1)[1] = at;
        }
    }

    NavigableMap<Long, Event> served(String name) {
        return served.computeIfAbsent(name, first -> new TreeMap<>());
    }

    Balance balance(String name) {
        return balances.computeIfAbsent(name, first -> new Balance());
    }

    /** Nanoseconds it has been stopped until then. */
    long stopped(long at) {
        return stoppedSince(Long.MIN_VALUE, at);
    }

    /** Nanoseconds it was stopped between the two. */
    long stoppedSince(long from, long to) {
        long sum = 0;
        for (int i = stops.size() - 1; i >= 0 && stops.get(i)[1] > from; i--) {
            sum += Math.max(0, Math.min(to, stops.get(i)[1]) - Math.max(from, stops.get(i)[0]));
        }
        return sum;
    }

    private boolean isStopped() {
        return !stops.isEmpty() && stops.get(stops.size() - 1)[1] == Long.MAX_VALUE;
    }
}
