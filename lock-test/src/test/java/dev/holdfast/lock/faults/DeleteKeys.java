package dev.holdfast.lock.faults;

import dev.holdfast.lock.faults.StoreObserver.Entry;
import dev.holdfast.lock.history.Event.Kind;
import java.time.Duration;

/** Somebody deletes the keys of holders and waiters by hand. */
record DeleteKeys(int times) implements Nemesis {

    @Override
    public void strike(Rig rig) {
        for (int i = 0; i < times; i++) {
            rig.randomMoment(Duration.ofSeconds(1));
            for (Entry entry : rig.observer().present()) {
                long before = System.nanoTime();
                String answer = rig.members().etcdctl("del", entry.key(), "-w", "json");
                rig.observer().catchUp();
                // Perhaps the next entry with this key, or none.
                for (Entry deleted : rig.observer().deletedAt(Members.revisionOf(answer))) {
                    rig.log().write(before, Kind.INTERFERED, deleted.name(), 0, deleted.token(), "del");
                }
            }
        }
    }
}
