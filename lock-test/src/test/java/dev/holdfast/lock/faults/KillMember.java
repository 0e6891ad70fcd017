package dev.holdfast.lock.faults;

import dev.holdfast.lock.test.EtcdServer;
import java.time.Duration;

/** A member is killed, and started again after a while. */
record KillMember(Which which, Duration down) implements Nemesis {

    @Override
    public void strike(Rig rig) {
        rig.randomMoment(Duration.ofSeconds(1));
        EtcdServer member = which.of(rig);
        member.kill();
        Rig.pause(down);
        member.restart();
    }
}
