package dev.holdfast.lock.etcd;

import com.google.protobuf.ByteString;
import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.LockLostException;
import dev.holdfast.lock.engine.HeldCondition;
import dev.holdfast.lock.store.Compare;
import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.op.Cmp;
import io.etcd.jetcd.op.CmpTarget;
import java.util.List;

/**
 * For data that is in the same etcd as the locks: the condition "only while I hold", for a transaction of the user's own.
 *
 * <pre>{@code
 * kv.txn().If(EtcdFence.whileHeld(hold)).Then(Op.put(key, value, PutOption.DEFAULT)).commit()   // isSucceeded(): written
 * }</pre>
 *
 * <p>etcd decides when it executes the transaction: if that succeeds, nobody else has had the lock between the grant of this hold and
 * this write, however long the process was paused and whatever it believed. Of a semaphore the hold's own permit was not given to
 * anybody else. Once the condition is false it stays so. Within {@code holdAtLeast} it is true after the release too, as long as others
 * are kept out.
 *
 * <p>A hold that was asked for its condition is not passed on to the next caller of the same process ({@link
 * dev.holdfast.lock.HandOver}): its release goes to etcd, where the next one queues. Thread-safe, no I/O.
 */
public final class EtcdFence {

    private EtcdFence() {}

    /**
     * The condition for a client with the registry's own namespace, as {@link EtcdLockRegistry.Builder#buildClient()} and the Spring
     * starter make it. {@code Txn.If} may be called again to add conditions of one's own. At most three for a name, one for each name of
     * {@code allOf}.
     *
     * @throws LockLostException if the lock is not held now
     * @throws IllegalStateException if it was released
     * @throws IllegalArgumentException if the hold is not one of a registry on etcd
     */
    public static Cmp[] whileHeld(LockHandle hold) {
        HeldCondition condition = HeldCondition.of(hold);
        return cmps(condition, store(condition, hold).namespace());
    }

    /**
     * As {@link #whileHeld(LockHandle)} for a client with another namespace; empty: with none.
     *
     * @throws IllegalArgumentException also if the lock's keys are not in that namespace
     */
    public static Cmp[] whileHeld(LockHandle hold, String clientNamespace) {
        HeldCondition condition = HeldCondition.of(hold);
        store(condition, hold);
        return cmps(condition, clientNamespace);
    }

    private static EtcdStore store(HeldCondition condition, LockHandle hold) {
        if (condition.store() instanceof EtcdStore store) {
            return store;
        }
        throw new IllegalArgumentException(
                "Lock '" + hold.name()
                        + "' is not kept in etcd, so no transaction there can depend on it; use a registry of EtcdLockRegistry");
    }

    private static Cmp[] cmps(HeldCondition condition, String clientNamespace) {
        Keyspace keyspace = new Keyspace(((EtcdStore) condition.store()).namespace());
        return condition.compares().stream()
                .flatMap(compare -> cmps(compare, key(keyspace, compare, clientNamespace)).stream())
                .toArray(Cmp[]::new);
    }

    private static List<Cmp> cmps(Compare compare, ByteSequence key) {
        if (compare instanceof Compare.OfValue value) {
            ByteString start = ByteString.copyFromUtf8(value.start());
            return List.of(
                    new Cmp(key, Cmp.Op.GREATER, CmpTarget.value(bytes(start))),
                    new Cmp(key, Cmp.Op.LESS, CmpTarget.value(bytes(Keyspace.prefixEnd(start)))));
        }
        return List.of(new Cmp(key, Cmp.Op.EQUAL, CmpTarget.createRevision(((Compare.OfRevision) compare).revision())));
    }

    /** The client puts its namespace before it again. */
    private static ByteSequence key(Keyspace keyspace, Compare compare, String clientNamespace) {
        ByteString key = keyspace.bytes(compare.range().key());
        ByteString namespace = ByteString.copyFromUtf8(clientNamespace);
        if (!key.startsWith(namespace)) {
            throw new IllegalArgumentException("clientNamespace is \"" + clientNamespace + "\", but the lock's key is "
                    + key.toStringUtf8() + "; use a client with a namespace that is a start of it, or with none");
        }
        return bytes(key.substring(namespace.size()));
    }

    private static ByteSequence bytes(ByteString bytes) {
        return ByteSequence.from(bytes);
    }
}
