package dev.holdfast.lock.faults;

import java.time.Duration;

/** The wall clock of the workers is set an hour ahead, an hour back, and right again. */
record StepClock() implements Nemesis {

    @Override
    public void strike(Rig rig) {
        for (long seconds : new long[] {3_600, -3_600, 0}) {
            rig.randomMoment(Duration.ofSeconds(1));
            FakedClock.set(rig.clock(), seconds);
            Rig.pause(Duration.ofSeconds(3));
        }
    }
}
