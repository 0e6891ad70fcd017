package dev.holdfast.lock.faults;

import dev.holdfast.lock.history.Allowances;
import java.time.Duration;

/**
 * A fault, where it happens, and what may follow from it.
 *
 * @param title of the fault, for people
 * @param setup what is broken
 * @param nemesis breaks it
 * @param losses whether holds may be lost; told in time, and never held by two
 * @param serverFault what some versions of etcd do wrong here
 * @param demand what must be seen besides
 */
record Scenario(String title, Setup setup, Nemesis nemesis, boolean losses, ServerFault serverFault, Demand demand) {

    static Scenario costsNothing(String title, Setup setup, Nemesis nemesis) {
        return new Scenario(title, setup, nemesis, false, ServerFault.NONE, Demand.NOTHING_MORE);
    }

    static Scenario mayCostLocks(String title, Setup setup, Nemesis nemesis) {
        return new Scenario(title, setup, nemesis, true, ServerFault.NONE, Demand.NOTHING_MORE);
    }

    Scenario with(ServerFault fault) {
        return new Scenario(title, setup, nemesis, losses, fault, demand);
    }

    Scenario demanding(Demand more) {
        return new Scenario(title, setup, nemesis, losses, serverFault, more);
    }

    /** What the oracle may see on that version of etcd. */
    Allowances allowances(String version) {
        return toleratesServer(version) ? serverFault.excused(strict()) : strict();
    }

    /** As if etcd itself were without fault. */
    Allowances strict() {
        return Allowances.forTtl(Rig.TTL)
                .withLosses(losses)
                // Two cores for all processes, and others use them too.
                .withLateReturn(Duration.ofMillis(1_000), Duration.ofMillis(700))
                .withCloseTime(Duration.ofMillis(5_700));
    }

    boolean toleratesServer(String version) {
        return serverFault.in(version);
    }

    @Override
    public String toString() {
        return title + ", " + (setup.members() == 1 ? "1 member" : setup.members() + " members");
    }
}
