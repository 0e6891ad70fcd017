package dev.holdfast.lock.faults;

import dev.holdfast.lock.faults.StoreObserver.Entry;
import dev.holdfast.lock.history.Event.Kind;
import java.time.Duration;
import java.util.Set;
import java.util.stream.Collectors;

/** Somebody revokes the leases of locks by hand. */
record RevokeLeases(int times) implements Nemesis {

    @Override
    public void strike(Rig rig) {
        for (int i = 0; i < times; i++) {
            rig.randomMoment(Duration.ofSeconds(1));
            Set<String> leases =
                    rig.observer().present().stream().map(Entry::lease).collect(Collectors.toSet());
            for (String lease : leases) {
                long before = System.nanoTime();
                revoke(rig, lease);
                rig.observer().catchUp();
                for (Entry entry : rig.observer().everPut(lease)) {
                    rig.log().write(before, Kind.INTERFERED, entry.name(), 0, entry.token(), "revoke");
                }
            }
        }
    }

    private static void revoke(Rig rig, String lease) {
        try {
            rig.members().etcdctl("lease", "revoke", lease);
        } catch (IllegalStateException refused) {
            // One without renewal ends with its hold.
            if (!String.valueOf(refused.getMessage()).contains("requested lease not found")) {
                throw refused;
            }
        }
    }
}
