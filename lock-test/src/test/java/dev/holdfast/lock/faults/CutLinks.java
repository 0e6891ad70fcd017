package dev.holdfast.lock.faults;

import dev.holdfast.lock.test.TcpLink;
import java.time.Duration;

/** All connections of all workers are reset, again and again. */
record CutLinks(int times) implements Nemesis {

    @Override
    public void strike(Rig rig) {
        for (int i = 0; i < times; i++) {
            rig.randomMoment(Duration.ofSeconds(1));
            rig.workers().forEach(worker -> rig.links(worker).forEach(TcpLink::cut));
        }
    }
}
