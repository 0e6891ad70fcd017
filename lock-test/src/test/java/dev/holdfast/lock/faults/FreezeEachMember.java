package dev.holdfast.lock.faults;

import dev.holdfast.lock.test.EtcdServer;
import java.time.Duration;

/** One member after the other stops for a while. */
record FreezeEachMember(Duration duration) implements Nemesis {

    @Override
    public void strike(Rig rig) {
        for (EtcdServer member : rig.members().all()) {
            rig.randomMoment(Duration.ofSeconds(1));
            member.freeze();
            Rig.pause(duration);
            member.thaw();
        }
    }
}
