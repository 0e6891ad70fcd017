package dev.holdfast.lock.history;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What is known of a history as far as it has been read, and what it has broken. */
final class Records {

    final Allowances allowed;

    final Map<Long, CallRecord> calls = new LinkedHashMap<>();

    @Nullable
    Event healed;

    private final Map<String, NameRecord> names = new HashMap<>();
    private final Map<String, ProcessRecord> processes = new HashMap<>();

    /** Who has a lease. */
    private final Map<Long, ProcessRecord> owners = new HashMap<>();

    /** Names that go by one name. */
    private final Map<String, List<String>> sets = new HashMap<>();

    private final List<Violation> violations = new ArrayList<>();
    private long position;

    Records(Allowances allowed) {
        this.allowed = allowed;
    }

    void next() {
        position++;
    }

    /** How many events have been read. */
    long position() {
        return position;
    }

    void broken(Promise promise, String detail) {
        violations.add(new Violation(promise, detail));
    }

    List<Violation> violations() {
        return violations;
    }

    ProcessRecord process(Event event) {
        return processes.computeIfAbsent(event.process(), unseen -> new ProcessRecord());
    }

    /** Whether it was killed, so that nothing more is to be expected of it. */
    boolean gone(Event event) {
        return process(event).killed;
    }

    void owns(ProcessRecord process, long lease) {
        owners.put(lease, process);
    }

    /** Whose entry it is; null: nobody knows. */
    @Nullable
    ProcessRecord owner(Event entry) {
        return owner(entry.name(), entry.number());
    }

    @Nullable
    ProcessRecord owner(String name, long entry) {
        return owners.get(name(name).entries.lease(entry));
    }

    void requested(Event event) {
        calls.put(event.call(), new CallRecord(event, process(event).stopped(event.at())));
        if (event.terms().names().size() > 1) {
            sets.put(event.name(), event.terms().names());
        }
    }

    @Nullable
    CallRecord call(Event event) {
        return calls.get(event.call());
    }

    /** The name of an event of the store or the resource. */
    NameRecord name(Event event) {
        return name(event.name());
    }

    NameRecord name(String name) {
        return names.computeIfAbsent(name, NameRecord::new);
    }

    /** All names the event is about: more than one if its call wants several at once. */
    List<NameRecord> names(Event event) {
        List<String> parts = sets.get(event.name());
        return parts == null
                ? List.of(name(event))
                : parts.stream().map(this::name).toList();
    }

    Collection<NameRecord> names() {
        return names.values();
    }

    /** The hold the event is about: one for all names that it holds at once. */
    HoldRecord hold(Event event) {
        List<NameRecord> parts = names(event);
        HoldRecord hold = parts.get(0).hold(event.number());
        if (hold.first == null) {
            hold.first = event;
            hold.entry = event.entryOrNumber();
            for (NameRecord part : parts) {
                part.holds.put(event.number(), hold);
                part.tenure(hold.entry).add(hold);
            }
        }
        return hold;
    }

    /** Who holds by that entry of the store, or did last. */
    HoldRecord holder(Event entry) {
        return name(entry).tenure(entry.number()).last();
    }

    /** The holds of the entry of that hold. */
    Tenure tenure(Event event) {
        return names(event).get(0).tenure(hold(event).entry);
    }

    /** The deletion of an entry of the hold; null: all stand, or nobody saw it. */
    @Nullable
    Event deletion(Event event) {
        long entry = hold(event).entry;
        for (NameRecord name : names(event)) {
            Event deleted = name.entries.deletion(entry);
            if (deleted != null) {
                return deleted;
            }
        }
        return null;
    }

    boolean stands(Event event) {
        long entry = hold(event).entry;
        return names(event).stream().anyMatch(name -> name.entries.stands(entry));
    }

    /**
     * Since when nobody has been before it in any of its names, nor before it on its entry; null: that is not known, or not so.
     */
    @Nullable
    Long turn(Event event) {
        HoldRecord hold = hold(event);
        long latest = Long.MIN_VALUE;
        for (NameRecord name : names(event)) {
            Long turn = name.entries.turn(hold.entry);
            if (turn == null) {
                return null;
            }
            latest = Math.max(latest, turn);
        }
        HoldRecord before = tenure(event).before(hold);
        return before == null || before.releasing == null ? latest : Math.max(latest, before.releasing.at());
    }

    /** In a world where nothing is in anybody's way, whether that took too long. */
    boolean tooSlow(long nanos) {
        return !allowed.prompt().isZero() && nanos > allowed.prompt().toNanos();
    }
}
