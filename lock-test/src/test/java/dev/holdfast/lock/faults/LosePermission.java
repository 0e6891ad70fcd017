package dev.holdfast.lock.faults;

import java.time.Duration;

/** Somebody takes the workers' permission on the keys of locks away, and gives it back after a while. */
record LosePermission(Duration duration) implements Nemesis {

    @Override
    public void strike(Rig rig) {
        rig.randomMoment(Duration.ofSeconds(1));
        rig.members().revokePermission();
        Rig.pause(duration);
        rig.members().grantPermission();
    }
}
