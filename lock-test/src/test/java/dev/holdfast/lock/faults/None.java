package dev.holdfast.lock.faults;

import java.time.Duration;

/** Nothing breaks. */
record None() implements Nemesis {

    @Override
    public void strike(Rig rig) {
        Rig.pause(Duration.ofSeconds(2));
    }
}
