package dev.holdfast.lock.faults;

import static org.awaitility.Awaitility.await;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import dev.holdfast.lock.history.Event;
import dev.holdfast.lock.history.Event.Kind;
import dev.holdfast.lock.history.Terms;
import dev.holdfast.lock.test.EtcdServer;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;

/**
 * Sees what etcd does to the keys of locks, with a client that shares nothing with ours: etcd's own, one at each member, so that one which
 * is frozen hides nothing. An event counts from its first arrival. Thread-safe.
 */
final class StoreObserver implements AutoCloseable {

    private static final String MARK = "locks.mark";

    /**
     * An entry as it was put: who wants which lock, with which lease.
     *
     * @param tail last part of its key: the lease, and a slot if the lease has several entries of the name
     */
    record Entry(String name, String tail, long token) {

        String key() {
            return "locks/" + name + "/" + tail;
        }

        String lease() {
            int slot = tail.indexOf('.');
            return slot < 0 ? tail : tail.substring(0, slot);
        }
    }

    private final EventLog log;
    private final Members members;
    private final List<Process> watches = new ArrayList<>();

    /** What is known of the keys, for events carry only half of it. */
    private final Map<String, Entry> present = new HashMap<>();

    private final List<Entry> everPut = new ArrayList<>();

    /** Keys changed at a revision: several watches tell of it. */
    private final TreeMap<Long, Set<String>> seen = new TreeMap<>();

    private final Map<Long, List<Entry>> deletions = new HashMap<>();

    private long lastMark;
    private volatile boolean closed;

    StoreObserver(Members members, EventLog log) {
        this.members = members;
        this.log = log;
        for (EtcdServer member : members.all()) {
            Thread watching = new Thread(() -> watch(member), "observer");
            watching.setDaemon(true);
            watching.start();
        }
    }

    private void watch(EtcdServer member) {
        while (!closed) {
            long from = 1 + newest();
            List<String> args = new ArrayList<>(members.asRoot());
            args.addAll(List.of("watch", "--prefix", "--rev", Long.toString(from), "-w", "json", "locks"));
            try {
                Process watch = member.etcdctlProcess(args.toArray(String[]::new))
                        .redirectErrorStream(true)
                        .start();
                synchronized (this) {
                    watches.add(watch);
                    if (closed) {
                        watch.destroyForcibly();
                    }
                }
                read(watch);
                LockSupport.parkNanos(200_000_000); // its member may be down
            } catch (IOException failed) {
                throw new UncheckedIOException(failed);
            }
        }
    }

    private synchronized long newest() {
        return seen.isEmpty() ? 0 : seen.lastKey();
    }

    private void read(Process watch) throws IOException {
        try (BufferedReader lines = watch.inputReader(StandardCharsets.UTF_8)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (line.startsWith("{\"Header\"")) {
                    changes(System.nanoTime(), line);
                }
            }
        } catch (IOException | JsonParseException ended) {
            // another is begun
        }
    }

    private synchronized void changes(long at, String line) {
        JsonElement events = JsonParser.parseString(line).getAsJsonObject().get("Events");
        if (events == null || events.isJsonNull()) {
            return;
        }
        for (JsonElement each : (JsonArray) events) {
            JsonObject event = each.getAsJsonObject();
            JsonObject kv = event.getAsJsonObject("kv");
            String key = text(kv.get("key"));
            long revision = kv.get("mod_revision").getAsLong();
            if (seen.computeIfAbsent(revision, unseen -> new java.util.HashSet<>())
                    .add(key)) {
                changed(at, key, revision, kv, event.has("type"));
            }
        }
    }

    private void changed(long at, String key, long revision, JsonObject kv, boolean deleted) {
        if (key.equals(MARK)) {
            lastMark = revision;
            return;
        }
        String[] parts = key.split("/");
        if (parts.length != 3 || parts[1].startsWith("%")) {
            return;
        }
        if (deleted) {
            Entry gone = present.remove(key);
            if (gone != null) {
                deletions.computeIfAbsent(revision, first -> new ArrayList<>()).add(gone);
                log.write(at, Kind.DELETED, gone.name(), 0, gone.token(), gone.tail());
            }
        } else if (kv.get("create_revision").getAsLong() == revision) {
            Entry put = new Entry(parts[1], parts[2], revision);
            present.put(key, put);
            everPut.add(put);
            Terms terms = Terms.saidBy(value(kv));
            log.write(at, Kind.PUT, put.name(), 0, put.token(), put.tail(), terms);
        } else {
            Entry entry = present.get(key);
            Terms terms = Terms.saidBy(value(kv));
            if (entry != null) {
                log.write(
                        new Event(at, log.process(), Kind.CHANGED, entry.name(), 0, entry.token(), entry.tail(), terms)
                                .withToken(revision));
            }
        }
    }

    private static String value(JsonObject kv) {
        JsonElement value = kv.get("value"); // none if it is empty
        return value == null ? "" : text(value);
    }

    private static String text(JsonElement base64) {
        return new String(Base64.getDecoder().decode(base64.getAsString()), StandardCharsets.UTF_8);
    }

    /** All entries that any lease ever had; complete after {@link #catchUp()}. */
    synchronized List<Entry> everPut(String lease) {
        return everPut.stream().filter(entry -> entry.lease().equals(lease)).toList();
    }

    /** What was deleted at a revision; complete after {@link #catchUp()}. */
    synchronized List<Entry> deletedAt(long revision) {
        return List.copyOf(deletions.getOrDefault(revision, List.of()));
    }

    /** Entries there now, as far as is known. */
    synchronized List<Entry> present() {
        if (present.isEmpty()) {
            // Somebody always holds: a fault that meets nobody would show nothing.
            throw new IllegalStateException("No lock is held or waited for: there is nothing to lay hands on");
        }
        return List.copyOf(present.values());
    }

    /** Returns when everything that etcd did until now has been seen. */
    void catchUp() {
        members.etcdctl("put", MARK, "seen?");
        JsonObject answer = JsonParser.parseString(members.etcdctl("get", MARK, "-w", "json"))
                .getAsJsonObject();
        long mark = answer.getAsJsonArray("kvs")
                .get(0)
                .getAsJsonObject()
                .get("mod_revision")
                .getAsLong();
        await().pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(20))
                .atMost(Duration.ofSeconds(30))
                .until(() -> lastMark() >= mark);
    }

    private synchronized long lastMark() {
        return lastMark;
    }

    @Override
    public void close() {
        closed = true;
        synchronized (this) {
            watches.forEach(Process::destroyForcibly);
        }
    }
}
