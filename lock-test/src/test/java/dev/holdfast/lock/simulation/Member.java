package dev.holdfast.lock.simulation;

import dev.holdfast.lock.history.Event;
import java.util.ArrayList;
import java.util.List;

/** One member: while it is frozen, requests wait in its sockets, answers and watch events in its memory. */
final class Member {

    private final Cluster cluster;
    private final World world;
    private final String name;
    private final List<Runnable> parked = new ArrayList<>();
    private boolean frozen;

    /** Incremented by a restart: streams of before have ended. */
    private int life;

    Member(Cluster cluster, World world, String name) {
        this.cluster = cluster;
        this.world = world;
        this.name = name;
    }

    String name() {
        return name;
    }

    boolean running() {
        return !frozen;
    }

    int life() {
        return life;
    }

    /** Something comes in or is to go out: at once, or when the member runs again. */
    void pass(Runnable step) {
        if (frozen) {
            parked.add(step);
        } else {
            step.run();
        }
    }

    void execute(Runnable operation) {
        pass(() -> cluster.propose(operation));
    }

    void freeze() {
        if (!frozen) {
            frozen = true;
            world.record(name, Event.Kind.FAULT, "", 0, 0, "frozen");
            cluster.changed();
        }
    }

    void thaw() {
        if (frozen) {
            frozen = false;
            world.record(name, Event.Kind.FAULT, "", 0, 0, "thawed");
            cluster.changed();
            List<Runnable> steps = new ArrayList<>(parked);
            parked.clear();
            for (Runnable step : steps) {
                // What lay in its sockets is worked off in any order, over a while.
                world.after(world.upToMillis(20), () -> pass(step));
            }
        }
    }

    /** As by kill -9 and a start: what it had in memory is lost. */
    void restart() {
        freeze();
        parked.clear();
        life++;
        world.record(name, Event.Kind.FAULT, "", 0, 0, "restarting");
        world.after(world.upToMillis(3_000), this::thaw);
    }
}
