package dev.holdfast.lock.faults;

import java.time.Duration;

/**
 * A member is cut off from the other members, but not from the workers.
 *
 * @param deaf it hears nothing of the others
 * @param mute they hear nothing of it
 */
record Partition(Which which, boolean deaf, boolean mute, Duration duration) implements Nemesis {

    @Override
    public void strike(Rig rig) {
        rig.randomMoment(Duration.ofSeconds(1));
        int member = rig.members().all().indexOf(which.of(rig));
        if (deaf) {
            rig.networks().deafen(member);
        }
        if (mute) {
            rig.networks().mute(member);
        }
        Rig.pause(duration);
        rig.networks().heal(member);
    }
}
