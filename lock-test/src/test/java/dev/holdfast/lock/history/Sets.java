package dev.holdfast.lock.history;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Several names asked for at once have one entry each, all put at one revision, and all deleted at one. */
final class Sets {

    /** One call's entries. */
    private record Together(List<String> names, long entry) {}

    private final Records records;

    /** With the event that shows that they belong together. */
    private final Map<Together, Event> known = new LinkedHashMap<>();

    Sets(Records records) {
        this.records = records;
    }

    void put(Event put) {
        know(put, put.terms(), put.number());
    }

    void granted(Event granted, HoldRecord hold) {
        know(granted, hold.asked, hold.entry);
    }

    private void know(Event event, Terms terms, long entry) {
        if (terms.names().size() > 1) {
            known.put(new Together(terms.names(), entry), event);
        }
    }

    void conclude() {
        known.forEach((set, event) -> {
            List<NameRecord> parts = set.names().stream().map(records::name).toList();
            if (parts.stream().noneMatch(name -> name.entries.observed())) {
                return;
            }
            for (NameRecord name : parts) {
                if (!name.entries.wasPut(set.entry())) {
                    records.broken(
                            Promise.ATOMICITY, event + " but no entry of " + name.name + " was put at that revision");
                }
            }
            if (records.allowed.exact() && parts.stream().allMatch(name -> untouched(name, set.entry()))) {
                endedAtOnce(set, parts, event);
            }
        });
    }

    private static boolean untouched(NameRecord name, long entry) {
        return name.tenure(entry).interference == null;
    }

    private void endedAtOnce(Together set, List<NameRecord> parts, Event event) {
        Event first = parts.get(0).entries.deletion(set.entry());
        for (NameRecord name : parts) {
            Event other = name.entries.deletion(set.entry());
            if (!Objects.equals(time(first), time(other))) {
                records.broken(
                        Promise.ATOMICITY,
                        event + " but its entries did not end at once: " + first + ", of " + name.name + " " + other);
                return;
            }
        }
    }

    private static @Nullable Long time(@Nullable Event event) {
        return event == null ? null : event.at();
    }
}
