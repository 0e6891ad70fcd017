package dev.holdfast.lock.faults;

import java.time.Duration;

/** A worker stops for a while, as in a long garbage collection or with its machine suspended by its host. */
record FreezeClient(Duration duration) implements Nemesis {

    @Override
    public void strike(Rig rig) {
        rig.randomMoment(Duration.ofSeconds(1));
        WorkerProcess worker = rig.anyWorker();
        worker.freeze();
        Rig.pause(duration);
        worker.thaw();
    }
}
