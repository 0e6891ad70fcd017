package dev.holdfast.lock.test;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.lock.LockListener;
import dev.holdfast.lock.LockOptions;
import dev.holdfast.lock.LockRegistry;
import dev.holdfast.lock.store.KeyRange;
import dev.holdfast.lock.store.KeyValue;
import dev.holdfast.lock.store.LockStore;
import dev.holdfast.lock.store.Op;
import dev.holdfast.lock.store.Txn;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/**
 * What tests need that hold for every registry, whatever store is behind it; each stands for a process. After each test nothing may
 * be left in the store.
 */
abstract class RegistryConformanceTests {

    static final Duration TTL = Duration.ofSeconds(5);

    /** For what must happen soon, on a busy machine. */
    static final Duration SOON = Duration.ofSeconds(20);

    final ExecutorService threads = Executors.newCachedThreadPool();
    LockRegistry a;
    LockRegistry b;
    LockStore inspector;
    final List<LockRegistry> opened = new ArrayList<>();

    private final StoreUnderTest store;

    RegistryConformanceTests(StoreUnderTest store) {
        this.store = store;
    }

    final String keyPrefix() {
        return store.keyPrefix();
    }

    @BeforeEach
    void open() {
        inspector = store.inspector();
        a = registry();
        b = registry();
    }

    @AfterEach
    void closeAll() {
        opened.forEach(LockRegistry::close);
        threads.shutdownNow();
        assertThat(keys()).as("keys left behind").isEmpty();
        inspector.close();
    }

    LockRegistry registry() {
        return registry(List.of());
    }

    LockRegistry registry(List<LockListener> listeners) {
        LockRegistry registry = store.registry(LockOptions.defaults().withTtl(TTL), listeners);
        opened.add(registry);
        return registry;
    }

    List<KeyValue> entries(String name) {
        return read(keyPrefix() + name + "/");
    }

    List<String> keys() {
        return read(keyPrefix()).stream().map(KeyValue::key).toList();
    }

    /** Oldest first. */
    List<KeyValue> read(String prefix) {
        return inspector
                .txn(
                        Txn.of(new Op.Get(KeyRange.prefix(prefix), Op.Order.OLDEST_FIRST, 0, 0, false)),
                        Duration.ofSeconds(3))
                .join()
                .keys(0)
                .keys();
    }

    long revision() {
        return inspector
                .txn(Txn.of(Op.Get.key(keyPrefix() + "none")), Duration.ofSeconds(3))
                .join()
                .revision();
    }

    /** As another program would. */
    void put(String name, String tail, String value) {
        put(keyPrefix() + name + "/" + tail, value);
    }

    void put(String key, String value) {
        inspector.txn(Txn.of(new Op.Put(key, value, 0)), Duration.ofSeconds(3)).join();
    }

    void delete(String name, String tail) {
        delete(keyPrefix() + name + "/" + tail);
    }

    void delete(String key) {
        inspector
                .txn(Txn.of(new Op.Delete(KeyRange.single(key))), Duration.ofSeconds(3))
                .join();
    }
}
