package dev.holdfast.lock.etcd;

import dev.holdfast.lock.LockListener;
import dev.holdfast.lock.LockOptions;
import dev.holdfast.lock.LockRegistry;
import dev.holdfast.lock.store.LockStore;
import java.time.Duration;
import java.util.List;

/** The store as the registry makes it, for tests. */
public final class TestStores {

    private TestStores() {}

    static EtcdLockRegistry.Builder builder(List<String> endpoints) {
        return EtcdLockRegistry.builder().endpoints(endpoints);
    }

    static EtcdStore connect(List<String> endpoints) {
        return builder(endpoints).connect();
    }

    /** For tests in other packages, which know only the port. */
    public static LockStore store(List<String> endpoints) {
        return connect(endpoints);
    }

    /** As {@link #store(List)}, logged in. */
    public static LockStore store(List<String> endpoints, String username, String password) {
        return builder(endpoints)
                .username(username)
                .password(password)
                .requestTimeout(Duration.ofSeconds(20))
                .failFast(false)
                .connect();
    }

    /** Calls without an answer and watches not closed. */
    public static int openCalls(LockStore store) {
        return ((EtcdStore) store).openCalls().join();
    }

    public static LockRegistry registry(
            List<String> endpoints, String keyPrefix, LockOptions defaults, List<LockListener> listeners) {
        EtcdLockRegistry.Builder builder =
                builder(endpoints).keyPrefix(keyPrefix).defaults(defaults);
        listeners.forEach(builder::listener);
        return builder.build();
    }
}
