package dev.holdfast.lock.faults;

import dev.holdfast.lock.test.EtcdServer;
import java.time.Duration;
import java.util.List;

/** The first so many members are killed at once, and started again after a while. */
record KillMembers(int count, Duration down) implements Nemesis {

    @Override
    public void strike(Rig rig) {
        rig.randomMoment(Duration.ofSeconds(1));
        List<EtcdServer> members = rig.members().all().subList(0, count);
        members.forEach(EtcdServer::kill);
        Rig.pause(down);
        Members.restart(members);
    }
}
