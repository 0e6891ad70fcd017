package dev.holdfast.lock.faults;

import dev.holdfast.lock.test.TcpLink;
import java.time.Duration;
import java.util.List;

/** All connections of one worker are reset, and new ones refused for a while. */
record RefuseLinks(Duration duration) implements Nemesis {

    @Override
    public void strike(Rig rig) {
        rig.randomMoment(Duration.ofSeconds(1));
        List<TcpLink> links = rig.links(rig.anyWorker());
        links.forEach(TcpLink::refuse);
        Rig.pause(duration);
        links.forEach(TcpLink::accept);
    }
}
