package dev.holdfast.lock.simulation;

import java.util.EnumSet;
import java.util.Set;

/** What can go wrong in a simulated world. */
enum Fault {
    LOSS,
    SLOWNESS,
    CUT,
    ONE_WAY_CUT,
    REPEATED_REQUESTS,
    LATE_REQUESTS,
    REFUSALS,
    LOST_WATCH_EVENTS,
    REPEATED_WATCH_EVENTS,
    BROKEN_WATCHES,
    FROZEN_MEMBER,
    RESTARTED_MEMBER,
    STOPPED_JVM,
    SUSPENDED_JVM,
    KILLED_JVM,
    CLOSED_JVM,
    WALL_CLOCK_STEP,
    OTHER_HANDS,
    INTERRUPTS,
    CANCELLATIONS,
    EXPIRED_CREDENTIALS,
    DEAD_CONNECTION,
    FALSE_AUDITS,
    FOREIGN_KEYS;

    /** Faults that never cost a lock, as long as one member of three at a time has them. */
    static final Set<Fault> HARMLESS = EnumSet.of(
            REPEATED_REQUESTS,
            LOST_WATCH_EVENTS,
            REPEATED_WATCH_EVENTS,
            BROKEN_WATCHES,
            FROZEN_MEMBER,
            RESTARTED_MEMBER,
            KILLED_JVM,
            CLOSED_JVM,
            INTERRUPTS,
            CANCELLATIONS,
            EXPIRED_CREDENTIALS,
            DEAD_CONNECTION,
            FALSE_AUDITS,
            FOREIGN_KEYS);

    /** Faults through which whoever is next still gets a lock at once. */
    static final Set<Fault> UNNOTICED =
            EnumSet.of(REPEATED_WATCH_EVENTS, KILLED_JVM, CLOSED_JVM, INTERRUPTS, CANCELLATIONS, FOREIGN_KEYS);
}
