package dev.holdfast.lock.faults;

import dev.holdfast.lock.test.EtcdServer;
import java.time.Duration;

/** A member stops: its connections stay open, and nothing is answered. */
record FreezeMember(Which which, Duration duration) implements Nemesis {

    @Override
    public void strike(Rig rig) {
        rig.randomMoment(Duration.ofSeconds(1));
        EtcdServer member = which.of(rig);
        member.freeze();
        Rig.pause(duration);
        member.thaw();
        // An old leader that wakes up must not take anything away either.
        Rig.pause(Duration.ofSeconds(1));
    }
}
