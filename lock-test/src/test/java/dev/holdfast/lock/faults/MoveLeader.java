package dev.holdfast.lock.faults;

import dev.holdfast.lock.test.EtcdServer;
import java.time.Duration;

/** Leadership is handed to another member, several times. */
record MoveLeader(int times) implements Nemesis {

    @Override
    public void strike(Rig rig) {
        for (int i = 0; i < times; i++) {
            rig.randomMoment(Duration.ofSeconds(2));
            EtcdServer leader = rig.members().leader();
            String next = rig.members().id(Which.FOLLOWER.of(rig));
            rig.members().etcdctlOn(leader, "move-leader", next);
        }
    }
}
