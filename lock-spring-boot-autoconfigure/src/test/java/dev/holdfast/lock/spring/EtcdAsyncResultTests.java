package dev.holdfast.lock.spring;

import dev.holdfast.lock.LockRegistry;
import dev.holdfast.lock.etcd.EtcdLockRegistry;
import dev.holdfast.lock.test.EtcdExtension;
import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Client;
import io.etcd.jetcd.options.DeleteOption;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

class EtcdAsyncResultTests extends AsyncResultStoreTests {

    @RegisterExtension
    static final EtcdExtension ETCD = new EtcdExtension();

    private final String keyPrefix = ETCD.uniquePrefix();

    @Override
    ApplicationContextRunner store(ApplicationContextRunner runner) {
        return runner.withBean(
                LockRegistry.class,
                () -> EtcdLockRegistry.builder()
                        .endpoints(ETCD.endpoints())
                        .keyPrefix(keyPrefix)
                        // A busy machine is not what is tested here.
                        .requestTimeout(Duration.ofSeconds(5))
                        .build());
    }

    @Override
    void takeAway(String name) {
        try (Client others =
                EtcdLockRegistry.builder().endpoints(ETCD.endpoints()).buildClient()) {
            others.getKVClient()
                    .delete(
                            ByteSequence.from(keyPrefix + name + "/", StandardCharsets.UTF_8),
                            DeleteOption.builder().isPrefix(true).build())
                    .join();
        }
    }
}
