package dev.holdfast.lock.simulation;

import dev.holdfast.lock.history.Event;
import dev.holdfast.lock.history.History;
import java.time.Duration;
import java.util.PriorityQueue;
import java.util.SplittableRandom;
import java.util.function.BooleanSupplier;

/** Time, chance and what happened: everything in a simulation takes them from here. Events run one after the other, on one thread. */
final class World {

    private final PriorityQueue<Scheduled> queue = new PriorityQueue<>();
    private final History history = new History();
    private final SplittableRandom random;
    private long now = Duration.ofHours(1).toNanos();
    private long scheduled;
    private long calls;
    private long holds;

    World(long seed) {
        // The first numbers of neighbouring seeds are alike in some generators; mixing costs nothing.
        this.random = new SplittableRandom(seed * 0x9E3779B97F4A7C15L);
    }

    /** An event to come. */
    static final class Scheduled implements Comparable<Scheduled> {

        private final long at;
        private final long order;
        private Runnable task;

        private Scheduled(long at, long order, Runnable task) {
            this.at = at;
            this.order = order;
            this.task = task;
        }

        void cancel() {
            task = NOTHING;
        }

        @Override
        public int compareTo(Scheduled other) {
            return at != other.at ? Long.compare(at, other.at) : Long.compare(order, other.order);
        }
    }

    private static final Runnable NOTHING = () -> {};

    long now() {
        return now;
    }

    SplittableRandom random() {
        return random;
    }

    boolean chance(int percent) {
        return random.nextInt(100) < percent;
    }

    /** Somewhere between nothing and the given nanoseconds. */
    long upTo(long nanos) {
        return nanos <= 0 ? 0 : random.nextLong(nanos);
    }

    long upToMillis(long millis) {
        return upTo(millis * 1_000_000);
    }

    Scheduled after(long nanos, Runnable task) {
        Scheduled event = new Scheduled(now + Math.max(0, nanos), scheduled++, task);
        queue.add(event);
        return event;
    }

    long nextCall() {
        return ++calls;
    }

    long nextHold() {
        return ++holds;
    }

    void record(String process, Event.Kind kind, String name, long call, long number, String detail) {
        record(new Event(now, process, kind, name, call, number, detail));
    }

    void record(Event event) {
        history.add(event);
    }

    History history() {
        return history;
    }

    /** Runs what is due until then, or until nothing is left to do but cancelled events. */
    void runUntil(long end) {
        for (Scheduled next = queue.peek(); next != null && next.at <= end; next = queue.peek()) {
            queue.poll();
            now = next.at;
            next.task.run();
        }
        now = Math.max(now, end);
    }

    /** Runs until the condition holds, looking every now and then, but not longer than that; whether it holds. */
    boolean runUntil(BooleanSupplier condition, Duration atMost) {
        long end = now + atMost.toNanos();
        while (!condition.getAsBoolean()) {
            if (now >= end) {
                return false;
            }
            runUntil(Math.min(end, now + 50_000_000));
        }
        return true;
    }
}
