package dev.holdfast.lock.faults;

import dev.holdfast.lock.test.TcpLink;
import java.time.Duration;
import java.util.List;

/** Nothing gets through between one worker and etcd for a while, and then late. */
record PauseWorkersLinks(Way way, Duration duration) implements Nemesis {

    @Override
    public void strike(Rig rig) {
        rig.randomMoment(Duration.ofSeconds(1));
        List<TcpLink> links = rig.links(rig.anyWorker());
        links.forEach(way::pause);
        Rig.pause(duration);
        links.forEach(TcpLink::resume);
    }
}
