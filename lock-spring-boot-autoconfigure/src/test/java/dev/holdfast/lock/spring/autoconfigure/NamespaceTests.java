package dev.holdfast.lock.spring.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.LockRegistry;
import dev.holdfast.lock.test.EtcdExtension;
import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Client;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.ApplicationContext;

class NamespaceTests {

    @RegisterExtension
    static final EtcdExtension ETCD = new EtcdExtension();

    private final String prefix = ETCD.uniquePrefix();

    private final ApplicationContextRunner runner = new ApplicationContextRunner()
            .withPropertyValues("holdfast.etcd.endpoints=" + String.join(",", ETCD.endpoints()))
            .withConfiguration(AutoConfigurations.of(HoldfastAutoConfiguration.class));

    @Test
    void locksOfDifferentNamespacesDoNotMeet() {
        in("team-a/")
                .run(a -> in("team-b/").run(b -> {
                    LockHandle ours = registry(a).lock("report").tryAcquire().orElseThrow();
                    LockHandle theirs = registry(b).lock("report").tryAcquire().orElseThrow();
                    assertThat(ours.isHeld()).isTrue();
                    theirs.release();
                    ours.release();
                }));
    }

    @Test
    void locksOfOneNamespaceDo() {
        in("team-a/")
                .run(a -> in("team-a/").run(b -> {
                    LockHandle ours = registry(a).lock("report").tryAcquire().orElseThrow();
                    assertThat(registry(b).lock("report").tryAcquire()).isEmpty();
                    ours.release();
                }));
    }

    @Test
    void theClientBeanSeesItsNamespaceOnly() {
        in("team-a/")
                .run(a -> in("team-b/").run(b -> {
                    client(a).getKVClient().put(bytes("key"), bytes("value")).get(10, TimeUnit.SECONDS);
                    assertThat(client(a)
                                    .getKVClient()
                                    .get(bytes("key"))
                                    .get(10, TimeUnit.SECONDS)
                                    .getCount())
                            .isEqualTo(1);
                    assertThat(client(b)
                                    .getKVClient()
                                    .get(bytes("key"))
                                    .get(10, TimeUnit.SECONDS)
                                    .getCount())
                            .isZero();
                }));
    }

    private ApplicationContextRunner in(String namespace) {
        return runner.withPropertyValues("holdfast.etcd.namespace=" + prefix + namespace);
    }

    private static LockRegistry registry(ApplicationContext context) {
        return context.getBean(LockRegistry.class);
    }

    private static Client client(ApplicationContext context) {
        return context.getBean(Client.class);
    }

    private static ByteSequence bytes(String text) {
        return ByteSequence.from(text, StandardCharsets.UTF_8);
    }
}
