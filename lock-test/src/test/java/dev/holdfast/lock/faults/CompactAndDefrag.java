package dev.holdfast.lock.faults;

import dev.holdfast.lock.test.EtcdServer;
import java.time.Duration;

/** The history of keys is dropped and the files are rewritten, several times. */
record CompactAndDefrag(int times) implements Nemesis {

    @Override
    public void strike(Rig rig) {
        for (int i = 0; i < times; i++) {
            rig.randomMoment(Duration.ofMillis(500));
            rig.members().compact();
            for (EtcdServer member : rig.members().all()) {
                rig.members().etcdctlOn(member, "defrag");
            }
        }
    }
}
