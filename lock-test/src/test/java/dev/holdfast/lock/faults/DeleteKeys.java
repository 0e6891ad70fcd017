package dev.holdfast.lock.faults;

import dev.holdfast.lock.faults.StoreObserver.Entry;
import dev.holdfast.lock.history.Event.Kind;
import java.time.Duration;

/** Somebody deletes keys of locks by hand. */
record DeleteKeys() implements Nemesis {

    @Override
    public void strike(Rig rig) {
        for (int i = 0; i < 5; i++) {
            rig.randomMoment(Duration.ofSeconds(1));
            for (Entry entry : rig.observer().present()) {
                // It may be gone already, but no other entry can have its key: the observer would know of the next
                // one's token only.
                rig.log().write(System.nanoTime(), Kind.INTERFERED, entry.name(), 0, entry.token(), "del");
                rig.members().etcdctl("del", "locks/" + entry.name() + "/" + entry.lease());
            }
        }
    }
}
