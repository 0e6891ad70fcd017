package dev.holdfast.lock.cli;

import java.time.Duration;

/**
 * When a command has to be told to end, so that it is gone before etcd can give its lock away: by the grace period and the time it takes to
 * kill it before that. A registry calls a hold lost a margin before etcd can end it (docs/design.md, "Time"), which is enough for a
 * listener, but not for a grace period of seconds. At most half of the TTL can be one: in the other half two renewals may fail.
 */
record GracePeriod(Duration ttl, Duration length) {

    /** From SIGKILL to a process that is gone, and the lateness of timers on a busy machine. */
    private static final Duration KILLING = Duration.ofMillis(500);

    private static final Duration SHORTEST_MARGIN = Duration.ofMillis(500);

    /** @throws CliException if it does not fit */
    void check() {
        Duration longest = ttl.dividedBy(2);
        if (length.compareTo(longest) > 0) {
            throw CliException.usage("--grace is " + text(length) + ", but with --ttl " + text(ttl) + " at most "
                    + text(longest)
                    + " fit before etcd gives the lock to somebody else; lower --grace or raise --ttl to "
                    + text(length.multipliedBy(2)));
        }
    }

    /**
     * Time until the command has to be told; negative if that is overdue.
     *
     * @param remaining until the registry calls the hold lost
     */
    Duration untilStop(Duration remaining) {
        Duration untilGivenAway = remaining.plus(margin());
        Duration needed = length.plus(KILLING);
        Duration left = untilGivenAway.minus(needed);
        return left.compareTo(remaining) < 0 ? left : remaining;
    }

    private Duration margin() {
        Duration tenth = ttl.dividedBy(10);
        return tenth.compareTo(SHORTEST_MARGIN) > 0 ? tenth : SHORTEST_MARGIN;
    }

    private static String text(Duration duration) {
        return duration.toMillis() % 1000 == 0 ? duration.toSeconds() + "s" : duration.toMillis() + "ms";
    }
}
