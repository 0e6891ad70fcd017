package dev.holdfast.lock.engine;

import java.util.ArrayList;
import java.util.List;

/** What an engine still keeps though nobody has a call or a hold: the simulation's way to the engine's {@link Footprint}. */
public final class Remains {

    private Remains() {}

    /** Each with its number; empty: nothing but sessions and the guards that go with them. */
    public static List<String> of(LockEngine engine) {
        Footprint print = engine.footprint();
        List<String> remains = new ArrayList<>();
        add(remains, "queues", print.queues());
        add(remains, "holds of threads", print.threadHolds());
        add(remains, "waiting calls", print.waiting());
        add(remains, "candidacies", print.candidacies());
        add(remains, "observations", print.observations());
        add(remains, "watches of names", print.nameWatches());
        add(remains, "entries", print.entries());
        add(remains, "unrevoked leases of ended sessions", print.unrevoked() - print.sessions());
        add(remains, "unfinished grants", print.unfinished() - print.unrevoked());
        add(remains, "refused callbacks", print.refusedCallbacks());
        return remains;
    }

    private static void add(List<String> remains, String what, int number) {
        if (number != 0) {
            remains.add(number + " " + what);
        }
    }
}
