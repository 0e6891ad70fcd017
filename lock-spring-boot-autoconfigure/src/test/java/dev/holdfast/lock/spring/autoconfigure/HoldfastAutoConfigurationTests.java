package dev.holdfast.lock.spring.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.lock.HandOver;
import dev.holdfast.lock.LeaseLock;
import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.LockListener;
import dev.holdfast.lock.LockLoss;
import dev.holdfast.lock.LockOptions;
import dev.holdfast.lock.LockRegistry;
import dev.holdfast.lock.LockUnavailableException;
import dev.holdfast.lock.ReleaseMode;
import dev.holdfast.lock.spring.DistributedLock;
import dev.holdfast.lock.spring.FakeLockRegistry;
import dev.holdfast.lock.spring.LockContext;
import dev.holdfast.lock.spring.LockLostEvent;
import dev.holdfast.lock.spring.integration.HoldfastLockRegistry;
import io.etcd.jetcd.Client;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Lock;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.mockito.Mockito;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.event.EventListener;

@ExtendWith(OutputCaptureExtension.class)
class HoldfastAutoConfigurationTests {

    private final ApplicationContextRunner runner = new ApplicationContextRunner()
            .withConfiguration(
                    AutoConfigurations.of(HoldfastAutoConfiguration.class, HoldfastDisabledAutoConfiguration.class));

    private final ApplicationContextRunner memory = runner.withPropertyValues("holdfast.store=memory");

    /** Nothing listens there. */
    private final ApplicationContextRunner unreachable =
            runner.withPropertyValues("holdfast.etcd.endpoints=http://127.0.0.1:1", "holdfast.fail-fast=false");

    @Test
    void annotatedMethodsAreLocked() {
        memory.withUserConfiguration(Reports.class).run(context -> {
            assertThat(context).hasSingleBean(LockRegistry.class).doesNotHaveBean(Client.class);
            assertThat(context.getBean(Reports.class).build()).isEqualTo("report held: true");
            assertThat(context.getBean(LockRegistry.class).status().held()).isZero();
        });
    }

    @Test
    void aRegistryOfSpringIntegrationFindsOursWhateverItsName() {
        memory.withUserConfiguration(IntegrationRegistry.class).run(context -> {
            assertThat(context).hasNotFailed().hasSingleBean(LockRegistry.class);
            Lock lock =
                    context.getBean("lockRegistry", HoldfastLockRegistry.class).obtain("seat");
            lock.lock();
            assertThat(context.getBean(LockRegistry.class).lock("seat").tryAcquire())
                    .isEmpty();
            lock.unlock();
        });
    }

    @Test
    void backsOffForARegistryOfTheUser() {
        runner.withUserConfiguration(UserRegistry.class, Reports.class).run(context -> {
            assertThat(context).hasSingleBean(LockRegistry.class);
            context.getBean(Reports.class).build();
            assertThat(context.getBean(FakeLockRegistry.class).log).contains("acquire report");
        });
    }

    @Test
    void backsOffForAClientOfTheUser() {
        unreachable
                .withBean("mine", Client.class, () -> Mockito.mock(Client.class))
                .run(context -> {
                    assertThat(context).hasSingleBean(Client.class);
                    assertThat(context).doesNotHaveBean("etcdClient");
                });
    }

    @Test
    void theClientIsMadeOnFirstUseAndCustomizedLikeTheRegistry() {
        BlockingQueue<String> customized = new LinkedBlockingQueue<>();
        unreachable
                .withBean(
                        EtcdClientBuilderCustomizer.class,
                        () -> builder -> customized.add(String.valueOf(builder.target())))
                .run(context -> {
                    assertThat(context).hasSingleBean(LockRegistry.class);
                    assertThat(customized).isNotEmpty();
                    customized.clear();
                    assertThat(context.getBean(Client.class)).isNotNull();
                    assertThat(customized).hasSize(1).first().asString().contains("127.0.0.1:1");
                });
    }

    @Test
    void connectionDetailsReplaceTheProperties() {
        runner.withPropertyValues("holdfast.etcd.endpoints=no-url-at-all", "holdfast.fail-fast=false")
                .withBean(EtcdConnectionDetails.class, () -> () -> List.of("http://127.0.0.1:1"))
                .run(context -> {
                    assertThat(context).hasNotFailed();
                    assertThat(context).doesNotHaveBean(PropertiesEtcdConnectionDetails.class);
                });
    }

    @Test
    void withoutFailFastTheContextStartsAndLocksAreUnavailable() {
        unreachable
                .withPropertyValues("holdfast.wait-time=200ms", "holdfast.etcd.request-timeout=200ms")
                .withUserConfiguration(Reports.class)
                .run(context -> {
                    assertThat(context).hasNotFailed();
                    assertThatThrownBy(context.getBean(Reports.class)::build)
                            .isInstanceOf(LockUnavailableException.class);
                });
    }

    @Test
    void propertiesBecomeTheDefaultsOfLocks() {
        memory.withPropertyValues("holdfast.ttl=45s", "holdfast.wait-time=3s").run(context -> {
            LockOptions defaults = context.getBean(LockRegistry.class).defaults();
            assertThat(defaults.ttl()).hasSeconds(45);
            assertThat(defaults.waitTime()).hasSeconds(3);
        });
    }

    @Test
    void theHandOverIsSwitchedOffByAProperty() {
        memory.withPropertyValues("holdfast.hand-over.enabled=false", "holdfast.release=async")
                .run(context -> {
                    HoldfastProperties properties = context.getBean(HoldfastProperties.class);
                    assertThat(properties.passingOn().enabled()).isFalse();
                    assertThat(properties.release()).isEqualTo(ReleaseMode.ASYNC);
                    LeaseLock lock = context.getBean(LockRegistry.class).lock("orders");
                    LockHandle first = lock.acquire();
                    CompletableFuture<Optional<LockHandle>> next = lock.tryAcquireAsync(Duration.ofSeconds(5));
                    first.release();
                    LockHandle second = next.join().orElseThrow();
                    second.release();
                    // Known without a draw, which after the release would be refused.
                    assertThat(second.fencingToken()).isGreaterThan(first.fencingToken());
                });
    }

    @Test
    void propertiesHaveDefaults() {
        memory.run(context -> {
            HoldfastProperties properties = context.getBean(HoldfastProperties.class);
            assertThat(properties.ttl()).isEqualTo(LockOptions.defaults().ttl());
            assertThat(properties.waitTime()).isEqualTo(LockOptions.defaults().waitTime());
            assertThat(properties.keyPrefix()).isEqualTo("locks/");
            assertThat(properties.failFast()).isTrue();
            assertThat(properties.encodeNames()).isTrue();
            assertThat(properties.shutdownTimeout()).hasSeconds(10);
            assertThat(properties.passingOn()).isEqualTo(HandOver.defaults());
            assertThat(properties.release()).isEqualTo(ReleaseMode.SYNC);
            assertThat(properties.etcd().endpoints()).containsExactly("http://localhost:2379");
            assertThat(properties.etcd().requestTimeout()).hasSeconds(2);
        });
    }

    @Test
    void listenersAreAttachedAndLossesPublished() {
        memory.withUserConfiguration(Listening.class).run(context -> {
            LockRegistry registry = context.getBean(LockRegistry.class);
            LockHandle handle = registry.lock("x").acquire();
            assertThat(context.getBean(Listening.class).events.poll(5, TimeUnit.SECONDS))
                    .isEqualTo("acquired x");
            registry.close();
            assertThat(handle.isHeld()).isFalse();
            assertThat(List.of(next(context.getBean(Listening.class)), next(context.getBean(Listening.class))))
                    .containsExactlyInAnyOrder("lost x", "event " + LockLoss.Reason.CLOSED);
        });
    }

    @Test
    void switchedOffItWarnsOfEachMethodThatRunsUnlocked(CapturedOutput output) {
        runner.withPropertyValues("holdfast.enabled=false")
                .withUserConfiguration(Reports.class)
                .run(context -> {
                    assertThat(context).doesNotHaveBean(LockRegistry.class).doesNotHaveBean(HoldfastProperties.class);
                    assertThat(context.getBean(Reports.class).build()).isEqualTo("report held: false");
                    assertThat(output)
                            .containsOnlyOnce("run WITHOUT a lock")
                            .contains("Reports.build (bean 'holdfastAutoConfigurationTests.Reports')")
                            .contains("holdfast.store=memory");
                });
    }

    @Test
    void switchedOffWithoutAnnotationsItIsSilent(CapturedOutput output) {
        runner.withPropertyValues("holdfast.enabled=false")
                .run(context -> assertThat(output).doesNotContain("WITHOUT a lock"));
    }

    @Test
    void noBeanMissesItsPostProcessors(CapturedOutput output) {
        memory.withUserConfiguration(Reports.class)
                .run(context -> assertThat(output).doesNotContain("not eligible for getting processed"));
    }

    private static String next(Listening listening) throws InterruptedException {
        return String.valueOf(listening.events.poll(5, TimeUnit.SECONDS));
    }

    static class Reports {

        @DistributedLock(name = "report")
        String build() {
            return "report held: " + LockContext.find().map(LockHandle::isHeld).orElse(false);
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class IntegrationRegistry {

        @Bean
        HoldfastLockRegistry lockRegistry(LockRegistry registry) {
            return new HoldfastLockRegistry(registry);
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class UserRegistry {

        @Bean
        FakeLockRegistry mine() {
            return new FakeLockRegistry();
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class Listening implements LockListener {

        final BlockingQueue<String> events = new LinkedBlockingQueue<>();

        @Override
        public void acquired(LockHandle handle, LockOptions options, Duration waited) {
            events.add("acquired " + handle.name());
        }

        @Override
        public void lost(LockHandle handle, LockOptions options, LockLoss loss, Duration held) {
            events.add("lost " + handle.name());
        }

        @EventListener
        void on(LockLostEvent event) {
            events.add("event " + event.loss().reason());
        }
    }
}
