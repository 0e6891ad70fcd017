package dev.holdfast.lock.simulation;

import dev.holdfast.lock.HandOver;
import dev.holdfast.lock.ReleaseMode;
import dev.holdfast.lock.history.Terms;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;

/**
 * What kind of world a seed is. Not everything at once: a world with few kinds of faults reaches states that one with all of them hides
 * ("swarm testing", Groce et al. 2012).
 *
 * @param members of the cluster: 1 or 3
 * @param jvms processes alive at a time
 * @param users threads or tasks in each
 * @param uses what each name is used for
 * @param sets whether some ask for several names at once
 * @param disagreement whether some take a name for something that it is not used for
 * @param caps whether some holds have a longest or a least time
 * @param calm whether whoever is next gets a lock at once
 * @param harmless whether nothing that happens may cost a lock
 * @param threadPercent how many calls block a thread
 * @param rushes whether now and then all want one name at once, for short
 * @param handOver how locks are passed on inside a JVM
 * @param release whether releases wait
 * @param chaos how long faults go on
 * @param pause mean time between two faults
 * @param maxDrift how far clocks run apart, in millionths
 */
record Plan(
        int members,
        int jvms,
        int users,
        List<String> names,
        List<Use> uses,
        boolean sets,
        boolean disagreement,
        boolean caps,
        Duration ttl,
        Set<Fault> faults,
        boolean calm,
        boolean harmless,
        int threadPercent,
        boolean rushes,
        HandOver handOver,
        ReleaseMode release,
        Duration chaos,
        Duration pause,
        long slowestMessage,
        long slowestCallback,
        int maxDrift) {

    /**
     * What a name is used for.
     *
     * @param mode shared: by readers and writers
     * @param elected only for elections, whose terms are create revisions: not above the tokens of locks of the same name, which are later
     */
    record Use(Terms.Mode mode, int permits, boolean elected) {

        private static Use draw(SplittableRandom random) {
            Terms.Mode mode = Terms.Mode.values()[random.nextInt(3)];
            return new Use(mode, mode == Terms.Mode.SEMAPHORE ? 1 + random.nextInt(3) : 1, elected(mode, random));
        }

        private static boolean elected(Terms.Mode mode, SplittableRandom random) {
            return mode == Terms.Mode.EXCLUSIVE && random.nextInt(5) == 0;
        }
    }

    static Plan draw(SplittableRandom random) {
        int members = random.nextInt(3) == 0 ? 1 : 3;
        int kind = random.nextInt(100);
        boolean calm = kind < 6;
        boolean harmless = kind < 20;
        Set<Fault> faults = EnumSet.noneOf(Fault.class);
        if (kind >= 3) {
            int odds = 2 + random.nextInt(5);
            for (Fault fault : calm ? Fault.UNNOTICED : harmless ? Fault.HARMLESS : EnumSet.allOf(Fault.class)) {
                if (random.nextInt(odds) == 0) {
                    faults.add(fault);
                }
            }
        }
        if (harmless && members == 1) {
            faults.remove(Fault.FROZEN_MEMBER);
            faults.remove(Fault.RESTARTED_MEMBER);
        }
        if (faults.contains(Fault.OTHER_HANDS)) {
            // An acquire that comes twice can put a key anew that other hands have deleted; an audit sees a key where
            // there should be one.
            faults.remove(Fault.REPEATED_REQUESTS);
        }
        List<String> names = new ArrayList<>(List.of("seat", "bed", "a/b"));
        while (names.size() > 1 && random.nextBoolean()) {
            names.remove(names.size() - 1);
        }
        boolean kinds = random.nextBoolean();
        return new Plan(
                members,
                1 + random.nextInt(4),
                1 + random.nextInt(4),
                names,
                names.stream()
                        .map(name -> kinds
                                ? Use.draw(random)
                                : new Use(Terms.Mode.EXCLUSIVE, 1, Use.elected(Terms.Mode.EXCLUSIVE, random)))
                        .toList(),
                kinds && random.nextBoolean(),
                kinds && random.nextInt(4) == 0,
                kinds && random.nextInt(3) == 0,
                Duration.ofSeconds(5 + random.nextInt(8)),
                faults,
                calm,
                harmless,
                random.nextInt(3) == 0 ? 50 : 0,
                random.nextInt(3) > 0,
                handOver(random),
                random.nextInt(3) == 0 ? ReleaseMode.ASYNC : ReleaseMode.SYNC,
                Duration.ofSeconds(5 + random.nextInt(25)),
                Duration.ofMillis(100 + random.nextInt(3_000)),
                Duration.ofMillis(1L + random.nextInt(20)).toNanos(),
                Duration.ofMillis(random.nextInt(4) == 0 ? 40 : 1).toNanos(),
                random.nextInt(4) == 0 ? 900 : 20);
    }

    private static HandOver handOver(SplittableRandom random) {
        return switch (random.nextInt(8)) {
            case 0 -> HandOver.disabled();
            case 1, 2 -> new HandOver(true, 1, Duration.ofMillis(1));
            case 3, 4 -> HandOver.defaults();
            default -> new HandOver(true, 1 + random.nextInt(12), Duration.ofMillis(5 + random.nextInt(995)));
        };
    }

    Use use(String name) {
        return uses.get(names.indexOf(name));
    }

    /** The drift of one machine. Two machines may run 0.2 % apart, so each at most half of that from the truth. */
    int drift(World world) {
        return world.random().nextInt(-maxDrift, maxDrift + 1);
    }

    /** Within that whoever is next has a lock, if nothing is in the way: less than until a waiter's next poll. */
    Duration promptness() {
        return calm ? Duration.ofSeconds(1) : Duration.ZERO;
    }

    /** Whether no clock is set, and none stands still. */
    boolean steadyClocks() {
        return !faults.contains(Fault.SUSPENDED_JVM) && !faults.contains(Fault.WALL_CLOCK_STEP);
    }

    /** After heal every name can be had within that: what is late has come, sessions of the dead have ended, polls were made. */
    Duration recovery() {
        Duration poll = Duration.ofSeconds(10);
        Duration elections = Duration.ofSeconds(4);
        return Link.LATEST.plus(ttl.multipliedBy(2)).plus(elections).plus(poll).plusSeconds(5);
    }
}
