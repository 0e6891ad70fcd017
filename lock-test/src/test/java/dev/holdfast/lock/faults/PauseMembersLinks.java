package dev.holdfast.lock.faults;

import dev.holdfast.lock.test.TcpLink;
import java.time.Duration;
import java.util.List;

/** Nothing gets through between all workers and one member for a while, and then late. */
record PauseMembersLinks(Way way, Duration duration) implements Nemesis {

    @Override
    public void strike(Rig rig) {
        rig.randomMoment(Duration.ofSeconds(1));
        int member = rig.random().nextInt(rig.members().all().size());
        List<TcpLink> links = rig.workers().stream()
                .map(worker -> rig.links(worker).get(member))
                .toList();
        links.forEach(way::pause);
        Rig.pause(duration);
        links.forEach(TcpLink::resume);
    }
}
