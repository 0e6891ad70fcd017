package dev.holdfast.lock.etcd;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.lock.store.Compare;
import dev.holdfast.lock.store.KeyRange;
import dev.holdfast.lock.store.LockStore;
import dev.holdfast.lock.store.Op;
import dev.holdfast.lock.store.Txn;
import dev.holdfast.lock.test.EtcdExtension;
import dev.holdfast.lock.test.LockStoreConformanceTests;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class NamespacedEtcdStoreConformanceTests extends LockStoreConformanceTests {

    @RegisterExtension
    static final EtcdExtension ETCD = new EtcdExtension();

    private static final Duration TIMEOUT = Duration.ofSeconds(3);

    private final String namespace = ETCD.uniquePrefix();

    @Override
    protected LockStore newStore() {
        return TestStores.builder(ETCD.endpoints()).namespace(namespace).connect();
    }

    @Override
    protected String keyPrefix() {
        return "test/";
    }

    @Test
    void theNamespaceStandsBeforeTheKey() {
        try (LockStore inside = newStore();
                LockStore outside = TestStores.connect(ETCD.endpoints())) {
            inside.txn(Txn.of(new Op.Put(key("a"), "1", 0)), TIMEOUT).join();

            assertThat(outside.txn(Txn.of(Op.Get.key(namespace + key("a"))), TIMEOUT)
                            .join()
                            .keys(0)
                            .keys())
                    .hasSize(1);
        }
    }

    @Test
    void conditionsOnValuesAreAboutKeysOfTheNamespaceAndValuesAsTheyAre() {
        KeyRange all = KeyRange.prefix(key("q/"));
        Txn ofOne = new Txn(List.of(Compare.valuesStartWith(all, "one,")), List.of(), List.of());
        Txn ofOther = new Txn(List.of(Compare.valuesStartWith(all, "other,")), List.of(), List.of());
        try (LockStore inside = newStore();
                LockStore outside = TestStores.connect(ETCD.endpoints())) {
            outside.txn(Txn.of(new Op.Put(key("q/a"), "other,1", 0)), TIMEOUT).join();
            assertThat(inside.txn(ofOther, TIMEOUT).join().succeeded()).isFalse();

            inside.txn(Txn.of(new Op.Put(key("q/a"), "one,1", 0)), TIMEOUT).join();
            assertThat(inside.txn(ofOne, TIMEOUT).join().succeeded()).isTrue();
            assertThat(outside.txn(ofOther, TIMEOUT).join().succeeded()).isTrue();

            outside.txn(Txn.of(new Op.Delete(all)), TIMEOUT).join();
        }
    }
}
