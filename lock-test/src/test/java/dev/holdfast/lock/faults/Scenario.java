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
 * @param oldEtcdRevokes whether etcd before 3.4.31 and 3.5.13 revokes live leases here (its issue 15247): only the token excludes there
 */
record Scenario(String title, Setup setup, Nemesis nemesis, boolean losses, boolean oldEtcdRevokes) {

    static Scenario costsNothing(String title, Setup setup, Nemesis nemesis) {
        return new Scenario(title, setup, nemesis, false, false);
    }

    static Scenario mayCostLocks(String title, Setup setup, Nemesis nemesis) {
        return new Scenario(title, setup, nemesis, true, false);
    }

    Scenario withOldEtcdRevoking() {
        return new Scenario(title, setup, nemesis, losses, true);
    }

    /** What the oracle may see on that version of etcd. */
    Allowances allowances(String version) {
        Allowances allowed = strict();
        return toleratesServer(version) ? allowed.withLosses(true).withExclusionByTokenOnly(true) : allowed;
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
        return oldEtcdRevokes && OldEtcd.revokesLiveLeases(version);
    }

    @Override
    public String toString() {
        return title + ", " + (setup.members() == 1 ? "1 member" : setup.members() + " members");
    }
}
