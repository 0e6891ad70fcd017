package dev.holdfast.lock.faults;

import java.time.Duration;

/** A worker is killed, and another takes its place. */
record KillClient() implements Nemesis {

    @Override
    public void strike(Rig rig) {
        rig.randomMoment(Duration.ofSeconds(1));
        rig.anyWorker().kill();
        rig.startWorker().awaitStarted();
    }
}
