package dev.holdfast.lock.faults;

import dev.holdfast.lock.test.EtcdServer;
import java.time.Duration;

/** One member after the other is killed and started again, as in a hurried upgrade. */
record KillEachMember(Duration down) implements Nemesis {

    @Override
    public void strike(Rig rig) {
        for (EtcdServer member : rig.members().all()) {
            rig.randomMoment(Duration.ofSeconds(1));
            member.kill();
            Rig.pause(down);
            member.restart();
        }
    }
}
