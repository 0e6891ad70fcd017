package dev.holdfast.lock.faults;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class RigTests {
    @Test
    void first() {
        for (Scenario scenario : java.util.List.of(
                Scenario.costsNothing("no fault", Setup.members(1), new None()),
                Scenario.costsNothing("short", Setup.members(1), new FreezeClient(Duration.ofMillis(2500))),
                Scenario.mayCostLocks("long", Setup.members(1), new FreezeClient(Rig.TTL.multipliedBy(2))),
                Scenario.costsNothing("kill", Setup.members(1), new KillClient()),
                Scenario.costsNothing("del", Setup.members(1), new DeleteKeys()))) {
            try {
                System.out.println("RIG " + new FaultRun(scenario, Etcd.ON_PATH, 1).mustHold());
            } catch (Throwable e) {
                System.out.println("RIG " + e);
            }
        }
    }
}
