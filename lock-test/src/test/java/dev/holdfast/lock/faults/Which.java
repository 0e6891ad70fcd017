package dev.holdfast.lock.faults;

import dev.holdfast.lock.test.EtcdServer;
import java.util.List;

/** Which member a fault meets. */
enum Which {
    LEADER,
    FOLLOWER;

    EtcdServer of(Rig rig) {
        EtcdServer leader = rig.members().leader();
        if (this == LEADER) {
            return leader;
        }
        List<EtcdServer> followers =
                rig.members().all().stream().filter(member -> member != leader).toList();
        return followers.get(rig.random().nextInt(followers.size()));
    }
}
