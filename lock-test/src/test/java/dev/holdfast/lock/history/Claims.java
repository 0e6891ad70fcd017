package dev.holdfast.lock.history;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Who said of one name that it holds it: from the first to the last time that {@code isHeld()} said yes. Sees when more hold at once than
 * may, and tokens that fall.
 */
final class Claims {

    /** What one hold claims; positions count the events read, for many have the same time. */
    private static final class Claim {

        final HoldRecord hold;
        final Event first;
        final long began;
        long latest;

        Claim(HoldRecord hold, Event first, long began) {
            this.hold = hold;
            this.first = first;
            this.began = began;
            this.latest = began;
        }

        boolean covers(long position) {
            return began <= position && position <= latest;
        }
    }

    private final Map<Long, Claim> byToken = new HashMap<>();

    /** In the order in which they began, without those that nobody can overlap any more. */
    private final List<Claim> recent = new ArrayList<>();

    /** For each kind of holds the claim with the greatest token. */
    private final Map<Terms, Event> greatest = new HashMap<>();

    /** Given back, but kept from others for a while. */
    private final List<HoldRecord> kept = new ArrayList<>();

    /** Whether it is the first of its hold. */
    boolean claim(Event held, HoldRecord hold, Records records) {
        Claim claim = byToken.get(held.number());
        if (claim == null) {
            claim = new Claim(hold, held, records.position());
            byToken.put(held.number(), claim);
            begin(claim, records);
            return true;
        }
        claim.latest = records.position();
        if (!recent.contains(claim)) {
            recent.add(0, claim); // it is over, and claims again
        }
        for (int i = recent.size() - 1; i >= 0; i--) {
            Claim other = recent.get(i);
            if (other.began > claim.began && tooMany(other.began)) {
                records.broken(Promise.MUTUAL_EXCLUSION, "both hold: " + other.first + " and " + held);
                break;
            }
        }
        return false;
    }

    void keep(HoldRecord hold) {
        kept.add(hold);
    }

    private void begin(Claim claim, Records records) {
        Event held = claim.first;
        Terms terms = claim.hold.terms();
        Event before = greatestNotBeside(terms);
        if (before != null && before.number() >= held.number()) {
            records.broken(
                    Promise.TOKEN_ORDER, "a token not above one that had to be gone: " + before + ", then " + held);
        }
        greatest.merge(terms.kind(), held, (a, b) -> a.number() > b.number() ? a : b);
        long oldest = recent.stream()
                .filter(other -> !other.hold.over())
                .mapToLong(other -> other.began)
                .min()
                .orElse(claim.began);
        recent.removeIf(other -> other.hold.over() && other.latest < oldest);
        recent.add(claim);
        kept.removeIf(other -> !other.keeps(held.at()));
        if (!Terms.together(Stream.concat(Stream.of(claim.hold), kept.stream())
                .map(HoldRecord::terms)
                .toList())) {
            records.broken(
                    Promise.HELD_AT_LEAST,
                    held + " although others stay out "
                            + (kept.get(0).keptUntil - held.at()) / 1_000_000 + " ms more after "
                            + kept.get(0).released);
        }
    }

    /** The greatest token of those that cannot have held beside one on these terms. */
    private @Nullable Event greatestNotBeside(Terms terms) {
        Event found = null;
        for (Map.Entry<Terms, Event> entry : greatest.entrySet()) {
            if (!entry.getKey().besides(terms)
                    && (found == null || entry.getValue().number() > found.number())) {
                found = entry.getValue();
            }
        }
        return found;
    }

    private boolean tooMany(long position) {
        return !Terms.together(recent.stream()
                .filter(claim -> claim.covers(position))
                .map(claim -> claim.hold.termsAt(position))
                .toList());
    }
}
