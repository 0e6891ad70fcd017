package dev.holdfast.lock.history;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.stream.Stream;

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

        @Override
        public String toString() {
            return first + " with token " + hold.token;
        }
    }

    private final Map<HoldRecord, Claim> byHold = new IdentityHashMap<>();

    /** In the order in which they began, without those that nobody can overlap any more. */
    private final List<Claim> recent = new ArrayList<>();

    /** Those whose token is known, in the order in which they began. */
    private final NavigableMap<Long, Claim> tokened = new TreeMap<>();

    /** Given back, but kept from others for a while. */
    private final List<HoldRecord> kept = new ArrayList<>();

    /** Whether it is the first of its hold. */
    boolean claim(Event held, HoldRecord hold, Records records) {
        Claim claim = byHold.get(hold);
        if (claim == null) {
            claim = new Claim(hold, held, records.position());
            byHold.put(hold, claim);
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
        if (claim.hold.token != 0) {
            compare(claim, records);
        }
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

    /** The token of a hold became known while it held, or later. */
    void drawn(HoldRecord hold, Records records) {
        Claim claim = byHold.get(hold);
        if (claim != null) {
            compare(claim, records);
        }
    }

    /** With the tokens of those that had to be gone before it began, or began when it had to be gone. */
    private void compare(Claim claim, Records records) {
        for (Claim before : tokened.headMap(claim.began, false).descendingMap().values()) {
            if (rivals(before, claim) && before.hold.token >= claim.hold.token) {
                records.broken(
                        Promise.TOKEN_ORDER,
                        "a token not above one that had to be gone: " + before + ", then " + claim);
            }
            if (aloneOf(before)) {
                break; // it was compared with those before itself
            }
        }
        for (Claim after : tokened.tailMap(claim.began, false).values()) {
            if (rivals(claim, after) && claim.hold.token >= after.hold.token) {
                records.broken(
                        Promise.TOKEN_ORDER, "a token drawn late, and not below a later one: " + claim + ", " + after);
            }
            if (aloneOf(after)) {
                break;
            }
        }
        tokened.put(claim.began, claim);
    }

    private static boolean rivals(Claim one, Claim other) {
        return !one.hold.terms().besides(other.hold.terms());
    }

    private static boolean aloneOf(Claim claim) {
        return claim.hold.terms().is(Terms.Mode.EXCLUSIVE);
    }

    private boolean tooMany(long position) {
        return !Terms.together(recent.stream()
                .filter(claim -> claim.covers(position))
                .map(claim -> claim.hold.termsAt(position))
                .toList());
    }
}
