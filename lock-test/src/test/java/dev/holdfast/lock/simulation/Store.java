package dev.holdfast.lock.simulation;

import dev.holdfast.lock.history.Event;
import dev.holdfast.lock.history.Terms;
import dev.holdfast.lock.store.KeyChange;
import dev.holdfast.lock.store.KeyRange;
import dev.holdfast.lock.store.KeyValue;
import dev.holdfast.lock.store.LockStore;
import dev.holdfast.lock.store.Op;
import dev.holdfast.lock.store.StoreException;
import dev.holdfast.lock.store.Txn;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** The observer: sees what the cluster's state is, at once and without faults, and can lay hands on it. */
final class Store implements LockStore.Watcher {

    private static final String PREFIX = "locks/";
    private static final String GUARDS = PREFIX + "%guard/";
    private static final String FOREIGN = "note-";
    private static final Duration AT_ONCE = Duration.ZERO;

    private final World world;
    private final LockStore state;
    private final Consumer<String> onChange;

    /** Create revisions of the entries there are. */
    private final Map<String, Long> created = new HashMap<>();

    private final Map<String, Terms> said = new HashMap<>();

    Store(World world, Cluster cluster, Consumer<String> onChange) {
        this.world = world;
        this.state = cluster.state().connect();
        this.onChange = onChange;
        state.watch(KeyRange.prefix(PREFIX), this);
    }

    /** Entries of locks, without guards and what others have below a name. */
    List<KeyValue> entries() {
        return keys().stream()
                .filter(key -> !key.key().startsWith(GUARDS) && !foreign(key.key()))
                .toList();
    }

    /** Keys of locks, guards among them. */
    List<KeyValue> ours() {
        return keys().stream().filter(key -> !foreign(key.key())).toList();
    }

    /** Some keys below a name that no lock has made: notes of a colleague, or of a program. */
    void putForeign(String name) {
        String directory = PREFIX + name.replace("/", "%2F") + "/";
        for (int i = world.random().nextInt(24); i >= 0; i--) {
            run(new Op.Put(directory + FOREIGN + i, "", 0));
        }
        if (world.chance(30)) {
            run(new Op.Delete(KeyRange.prefix(directory + FOREIGN)));
        }
    }

    private static boolean foreign(String key) {
        return key.startsWith(FOREIGN, key.lastIndexOf('/') + 1);
    }

    List<KeyValue> keys() {
        return state.txn(Txn.of(new Op.Get(KeyRange.prefix(PREFIX), Op.Order.OLDEST_FIRST, 0, 0, true)), AT_ONCE)
                .join()
                .keys(0)
                .keys();
    }

    boolean lives(long lease) {
        return !state.leaseKeys(lease, AT_ONCE).isCompletedExceptionally();
    }

    void interfered(KeyValue entry) {
        world.record(Cluster.PROCESS, Event.Kind.INTERFERED, name(entry.key()), 0, entry.createRevision(), entry.key());
    }

    void run(Op op) {
        state.txn(Txn.of(op), AT_ONCE);
    }

    /** Writes the same without its lease. */
    void detach(KeyValue entry) {
        run(new Op.Put(entry.key(), value(entry.key()), 0));
    }

    void revoke(long lease) {
        state.revoke(lease, AT_ONCE);
    }

    /** What other hands put without a lease, and nobody was left to remove. */
    void removeForeignKeys() {
        for (KeyValue entry : entries()) {
            if (entry.leaseId() == 0) {
                interfered(entry);
                run(new Op.Delete(KeyRange.single(entry.key())));
            }
        }
    }

    @Override
    public void ready() {
        // From the beginning of the world.
    }

    @Override
    public void changed(KeyChange change) {
        if (change.key().startsWith(GUARDS) || foreign(change.key())) {
            return;
        }
        String name = name(change.key());
        if (change.deleted()) {
            Long token = created.remove(change.key());
            if (token != null) {
                world.record(Cluster.PROCESS, Event.Kind.DELETED, name, 0, token, change.key());
            }
        } else if (created.putIfAbsent(change.key(), change.revision()) == null) {
            said.remove(change.key());
            read(change.key());
            record(Event.Kind.PUT, name, change.revision(), change.key());
        } else {
            read(change.key());
            world.record(new Event(
                            world.now(),
                            Cluster.PROCESS,
                            Event.Kind.CHANGED,
                            name,
                            0,
                            created.get(change.key()),
                            change.key(),
                            said.get(change.key()))
                    .withToken(change.revision()));
        }
        onChange.accept(name);
    }

    private void record(Event.Kind kind, String name, long token, String key) {
        world.record(new Event(world.now(), Cluster.PROCESS, kind, name, 0, token, key, said.get(key)));
    }

    /** Notes what an entry says that it is; not of one that was deleted in the same moment. */
    private void read(String key) {
        String value = value(key);
        if (!value.isEmpty()) {
            said.put(key, Terms.saidBy(value));
        }
    }

    private String value(String key) {
        return state.txn(Txn.of(Op.Get.key(key)), AT_ONCE).join().keys(0).keys().stream()
                .map(KeyValue::value)
                .findFirst()
                .orElse("");
    }

    @Override
    public void broken(StoreException cause) {
        throw new IllegalStateException("The observer's watch never breaks", cause);
    }

    private static String name(String key) {
        String encoded = key.substring(PREFIX.length(), key.lastIndexOf('/'));
        return URLDecoder.decode(encoded.replace("+", "%2B"), StandardCharsets.UTF_8);
    }
}
