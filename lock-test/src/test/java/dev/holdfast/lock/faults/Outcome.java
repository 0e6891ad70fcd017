package dev.holdfast.lock.faults;

import com.google.gson.Gson;
import dev.holdfast.lock.history.Event;
import dev.holdfast.lock.history.Event.Kind;
import dev.holdfast.lock.history.History;
import dev.holdfast.lock.history.Promise;
import dev.holdfast.lock.history.Violation;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What one run of a scenario showed.
 *
 * @param title of the scenario
 * @param members of etcd
 * @param version of etcd
 * @param serversFault whether that etcd is known to break leases here
 * @param holds granted in all
 * @param lossesTold told to users, but for those by a close
 * @param spurious of these, without a cause
 * @param exclusion moments at which two held, or one that etcd had already taken the lock from
 * @param others other promises broken
 * @param refused writes the resource refused
 * @param lostUpdates writes it lost
 * @param marginMillis the least time from a loss, told, to the deletion by etcd; null: none was lost that could have been told
 * @param firstMillis after heal, until the first grant
 * @param allMillis after heal, until every name was granted again but those held for long
 */
record Outcome(
        String title,
        int members,
        String version,
        boolean serversFault,
        long holds,
        long lossesTold,
        long spurious,
        long exclusion,
        long others,
        long refused,
        long lostUpdates,
        @org.jspecify.annotations.Nullable Long marginMillis,
        long firstMillis,
        long allMillis) {

    /** Who was stopped until so short a time ago may tell late. */
    private static final long SOON_NANOS = 1_000_000_000;

    private static final Set<Promise> EXCLUSION = Set.of(Promise.MUTUAL_EXCLUSION, Promise.LOCAL_LEARNS_FIRST);

    /** @param violations as if etcd itself were without fault */
    static Outcome of(
            Scenario scenario, String version, History history, List<Violation> violations, long lostUpdates) {
        Map<Kind, Long> counts =
                history.events().stream().collect(Collectors.groupingBy(Event::kind, Collectors.counting()));
        long told = history.events().stream()
                .filter(event ->
                        event.kind() == Kind.TOLD_LOST && !event.detail().equals("CLOSED"))
                .count();
        long spurious = violations.stream()
                .filter(violation -> violation.promise() == Promise.NO_SPURIOUS_LOSS)
                .count();
        long exclusion = violations.stream()
                .filter(violation -> EXCLUSION.contains(violation.promise()))
                .count();
        long healed = history.events().stream()
                .filter(event -> event.kind() == Kind.HEALED)
                .mapToLong(Event::at)
                .max()
                .orElse(0);
        Map<String, Long> again = new HashMap<>();
        for (Event event : history.events()) {
            if (event.kind() == Kind.GRANTED && event.at() >= healed && Rig.NAMES.contains(event.name())) {
                again.putIfAbsent(event.name(), event.at());
            }
        }
        return new Outcome(
                scenario.title(),
                scenario.setup().members(),
                version,
                scenario.toleratesServer(version),
                counts.getOrDefault(Kind.GRANTED, 0L),
                told,
                spurious,
                exclusion,
                violations.size() - spurious - exclusion,
                counts.getOrDefault(Kind.WRITE_REFUSED, 0L),
                lostUpdates,
                margin(history),
                (again.values().stream().mapToLong(at -> at).min().orElse(healed) - healed) / 1_000_000,
                (again.values().stream().mapToLong(at -> at).max().orElse(healed) - healed) / 1_000_000);
    }

    /** Of holds that ended for want of renewals, in processes that could have told it: those stopped meanwhile could not. */
    private static @org.jspecify.annotations.Nullable Long margin(History history) {
        Map<String, Long> told = new HashMap<>();
        Map<String, Long> stopped = new HashMap<>();
        Long least = null;
        for (Event event : history.events()) {
            String hold = event.name() + " " + (event.kind() == Kind.DELETED ? event.number() : event.entry());
            if (event.kind() == Kind.STOPPED || event.kind() == Kind.CONTINUED) {
                stopped.put(event.process(), event.at());
            } else if (event.kind() == Kind.TOLD_LOST
                    && event.detail().equals("EXPIRED")
                    && event.at() - stopped.getOrDefault(event.process(), 0L) > SOON_NANOS) {
                told.put(hold, event.at());
            } else if (event.kind() == Kind.DELETED && told.containsKey(hold)) {
                long margin = (event.at() - told.get(hold)) / 1_000_000;
                least = least == null ? margin : Math.min(least, margin);
            }
        }
        return least;
    }

    String toLine() {
        return new Gson().toJson(this);
    }

    static Outcome ofLine(String line) {
        return new Gson().fromJson(line, Outcome.class);
    }
}
