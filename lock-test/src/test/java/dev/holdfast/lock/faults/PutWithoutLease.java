package dev.holdfast.lock.faults;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.holdfast.lock.faults.StoreObserver.Entry;
import dev.holdfast.lock.history.Event.Kind;
import java.time.Duration;

/** Somebody writes over the keys of holders and waiters by hand, without their leases: the keys would outlive them. */
record PutWithoutLease(int times) implements Nemesis {

    @Override
    public void strike(Rig rig) {
        for (int i = 0; i < times; i++) {
            rig.randomMoment(Duration.ofSeconds(1));
            for (Entry entry : rig.observer().present()) {
                if (!rig.exclusive(entry.name())) {
                    detach(rig, entry);
                    continue;
                }
                long before = System.nanoTime();
                String answer = rig.members().etcdctl("put", entry.key(), "somebody", "--prev-kv", "-w", "json");
                JsonElement previous =
                        JsonParser.parseString(answer).getAsJsonObject().get("prev_kv");
                if (previous == null) {
                    // It had just gone. What was made instead is nobody's but ours.
                    rig.members().etcdctl("del", entry.key());
                    rig.log().write(before, Kind.INTERFERED, entry.name(), 0, Members.revisionOf(answer), "put");
                } else {
                    long token =
                            previous.getAsJsonObject().get("create_revision").getAsLong();
                    rig.log().write(before, Kind.INTERFERED, entry.name(), 0, token, "put");
                }
            }
        }
    }

    /** Leaves what it says: an entry of another kind would be a dispute. */
    private static void detach(Rig rig, Entry entry) {
        long before = System.nanoTime();
        try {
            String answer = rig.members().etcdctl("put", entry.key(), "--ignore-value", "--prev-kv", "-w", "json");
            JsonObject previous =
                    JsonParser.parseString(answer).getAsJsonObject().getAsJsonObject("prev_kv");
            long token = previous.get("create_revision").getAsLong();
            rig.log().write(before, Kind.INTERFERED, entry.name(), 0, token, "put");
        } catch (IllegalStateException refused) {
            // It had just gone.
            if (!String.valueOf(refused.getMessage()).contains("key not found")) {
                throw refused;
            }
        }
    }
}
