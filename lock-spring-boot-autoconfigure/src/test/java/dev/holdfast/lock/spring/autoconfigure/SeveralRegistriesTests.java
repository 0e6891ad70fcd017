package dev.holdfast.lock.spring.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.LockListener;
import dev.holdfast.lock.LockRegistry;
import dev.holdfast.lock.etcd.EtcdLockRegistry;
import dev.holdfast.lock.memory.MemoryLockRegistry;
import dev.holdfast.lock.spring.DistributedLock;
import dev.holdfast.lock.spring.LockContext;
import dev.holdfast.lock.spring.health.EtcdLockHealthIndicator;
import dev.holdfast.lock.test.EtcdServer;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.aop.framework.ProxyFactory;
import org.springframework.aop.support.AopUtils;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.health.autoconfigure.contributor.HealthContributorAutoConfiguration;
import org.springframework.boot.health.autoconfigure.registry.HealthContributorRegistryAutoConfiguration;
import org.springframework.boot.health.contributor.CompositeHealthContributor;
import org.springframework.boot.health.registry.HealthContributorRegistry;
import org.springframework.boot.micrometer.metrics.autoconfigure.CompositeMeterRegistryAutoConfiguration;
import org.springframework.boot.micrometer.metrics.autoconfigure.MetricsAutoConfiguration;
import org.springframework.boot.micrometer.metrics.autoconfigure.export.simple.SimpleMetricsExportAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Fallback;
import org.springframework.context.annotation.Primary;

/** An application with locks in more than one place. */
@Timeout(60)
class SeveralRegistriesTests {

    private final ApplicationContextRunner bare = new ApplicationContextRunner()
            .withPropertyValues("holdfast.store=memory", "holdfast.shutdown-timeout=20s")
            .withConfiguration(AutoConfigurations.of(HoldfastAutoConfiguration.class));

    private final ApplicationContextRunner runner = bare.withBean(Jobs.class);

    private final ApplicationContextRunner metered = runner.withUserConfiguration(Beside.class)
            .withConfiguration(AutoConfigurations.of(
                    MetricsAutoConfiguration.class,
                    CompositeMeterRegistryAutoConfiguration.class,
                    SimpleMetricsExportAutoConfiguration.class,
                    HoldfastMetricsAutoConfiguration.class));

    @Test
    void theAnnotationChoosesByNameAndOtherwiseThePrimaryOne() {
        runner.withUserConfiguration(PrimaryAndOther.class).run(context -> {
            assertThat(context).doesNotHaveBean("holdfastLockRegistry");
            Jobs jobs = context.getBean(Jobs.class);
            assertThat(jobs.unqualified(() -> held(context))).isEqualTo("orders 1, billing 0");
            assertThat(jobs.billing(() -> held(context))).isEqualTo("orders 0, billing 1");
        });
    }

    @Test
    void theAnnotationChoosesByQualifierWhichMayBeAPlaceholder() {
        bare.withUserConfiguration(PrimaryAndOther.class)
                .withBean(Qualified.class)
                .withPropertyValues("jobs.locks=money")
                .run(context -> assertThat(context.getBean(Qualified.class).run(() -> held(context)))
                        .isEqualTo("orders 0, billing 1"));
    }

    @Test
    void aSecondOneThatIsNoDefaultCandidateStandsBesideTheConfiguredOne() {
        runner.withUserConfiguration(Beside.class).run(context -> {
            assertThat(context).hasBean("holdfastLockRegistry").hasBean("billing");
            Jobs jobs = context.getBean(Jobs.class);
            LockRegistry configured = context.getBean("holdfastLockRegistry", LockRegistry.class);
            LockRegistry billing = context.getBean("billing", LockRegistry.class);
            assertThat(jobs.unqualified(() -> String.valueOf(configured.status().held())))
                    .isEqualTo("1");
            assertThat(jobs.billing(() -> String.valueOf(billing.status().held())))
                    .isEqualTo("1");
        });
    }

    @Test
    void aFallbackGivesWay() {
        bare.withUserConfiguration(FallbackAndOther.class)
                .withBean(Unqualified.class)
                .run(context -> assertThat(context.getBean(Unqualified.class).run(() -> held(context)))
                        .isEqualTo("orders 1, billing 0"));
    }

    @Test
    void oneNameIsTwoLocksInTwoRegistries() {
        runner.withUserConfiguration(PrimaryAndOther.class).run(context -> {
            Jobs jobs = context.getBean(Jobs.class);
            assertThat(jobs.unqualified(() -> jobs.billing(() -> held(context))))
                    .isEqualTo("orders 1, billing 1");
        });
    }

    @Test
    void anUnclearChoiceFailsTheStartAndNamesTheCandidates() {
        bare.withUserConfiguration(Equal.class)
                .withBean(Unqualified.class)
                .run(context -> assertThat(context.getStartupFailure())
                        .hasMessageContaining("Unqualified.run(")
                        .hasMessageContaining("[billing, orders]")
                        .hasMessageContaining("@Primary"));
    }

    @Test
    void anUnclearChoiceIsNoneWhereEveryMethodNamesItsRegistry() {
        bare.withUserConfiguration(Equal.class)
                .withBean(Named.class)
                .run(context -> assertThat(context.getBean(Named.class).run(() -> held(context)))
                        .isEqualTo("orders 0, billing 1"));
    }

    @Test
    void anUnknownRegistryFailsTheStart() {
        bare.withBean(Named.class)
                .run(context -> assertThat(context.getStartupFailure())
                        .hasMessageContaining("Named.run(")
                        .hasMessageContaining("registry = \"billing\"")
                        .hasMessageContaining("[holdfastLockRegistry]"));
    }

    @Test
    void eachHasItsHealth() {
        runner.withUserConfiguration(Beside.class)
                .withConfiguration(AutoConfigurations.of(
                        HoldfastHealthAutoConfiguration.class,
                        HealthContributorAutoConfiguration.class,
                        HealthContributorRegistryAutoConfiguration.class))
                .run(context -> {
                    HealthContributorRegistry contributors = context.getBean(HealthContributorRegistry.class);
                    assertThat(contributors.getContributor("etcdLock"))
                            .isInstanceOfSatisfying(CompositeHealthContributor.class, both -> {
                                assertThat(both.getContributor("holdfastLockRegistry"))
                                        .isInstanceOf(EtcdLockHealthIndicator.class);
                                assertThat(both.getContributor("billing")).isInstanceOf(EtcdLockHealthIndicator.class);
                            });
                });
    }

    @Test
    void eachHasItsGaugesAndTimers() {
        metered.run(context -> {
            MeterRegistry meters = context.getBean(MeterRegistry.class);
            Jobs jobs = context.getBean(Jobs.class);
            assertThat(jobs.billing(() -> held(meters, "billing") + " " + held(meters, "holdfastLockRegistry")))
                    .isEqualTo("1.0 0.0");
            jobs.unqualified(() -> "");
            for (String registry : List.of("billing", "holdfastLockRegistry")) {
                await().untilAsserted(() -> assertThat(meters.get("holdfast.lock.hold")
                                .tags("lock", "job", "registry", registry)
                                .timer()
                                .count())
                        .isEqualTo(1));
            }
            assertThat(meters.getMeters())
                    .filteredOn(meter -> meter.getId().getName().startsWith("holdfast."))
                    .hasSizeGreaterThan(12)
                    .allSatisfy(meter ->
                            assertThat(meter.getId().getTag("registry")).isIn("billing", "holdfastLockRegistry"));
        });
    }

    @Test
    void aProxyOfARegistryHasItsName() {
        metered.withBean(Proxying.class, Proxying::new).run(context -> {
            LockRegistry billing = context.getBean("billing", LockRegistry.class);
            assertThat(AopUtils.isAopProxy(billing)).isTrue();
            billing.lock("job").acquire().release();
            await().untilAsserted(() -> assertThat(context.getBean(MeterRegistry.class)
                            .get("holdfast.lock.hold")
                            .tag("registry", "billing")
                            .timer()
                            .count())
                    .isEqualTo(1));
        });
    }

    /** As an aspect on the type would. */
    static final class Proxying implements BeanPostProcessor {

        @Override
        public Object postProcessAfterInitialization(Object bean, String name) {
            return bean instanceof LockRegistry ? new ProxyFactory(bean).getProxy() : bean;
        }
    }

    @Test
    void theShutdownWaitsForEachAndClosesEach() {
        CompletableFuture<LockHandle> released = new CompletableFuture<>();
        LockHandle[] handles = new LockHandle[2];
        runner.withUserConfiguration(Beside.class).run(context -> {
            handles[0] = context.getBean("holdfastLockRegistry", LockRegistry.class)
                    .lock("a")
                    .acquire();
            handles[1] =
                    context.getBean("billing", LockRegistry.class).lock("b").acquire();
            LockRegistry billing = context.getBean("billing", LockRegistry.class);
            Thread worker = new Thread(() -> {
                // Refuses new requests when the shutdown has begun.
                await().until(() -> refuses(billing));
                handles[0].release();
                handles[1].release();
                released.complete(handles[1]);
            });
            worker.start();
        });
        assertThat(released).succeedsWithin(Duration.ofSeconds(5));
        assertThat(handles[0].loss()).isEmpty();
        assertThat(handles[1].loss()).isEmpty();
    }

    @Test
    void eachMayBeAnotherEtcd() {
        try (EtcdServer one = EtcdServer.start();
                EtcdServer other = EtcdServer.start()) {
            runner.withPropertyValues(
                            "holdfast.store=etcd",
                            "holdfast.etcd.endpoints=" + one.endpoint(),
                            "billing.etcd=" + other.endpoint())
                    .withUserConfiguration(InAnotherEtcd.class)
                    .run(context -> {
                        Jobs jobs = context.getBean(Jobs.class);
                        assertThat(jobs.unqualified(() -> keys(one) + keys(other)))
                                .containsOnlyOnce("locks/job/");
                        assertThat(jobs.unqualified(() -> keys(one))).contains("locks/job/");
                        assertThat(jobs.billing(() -> keys(other))).contains("locks/job/");
                    });
        }
    }

    private static boolean refuses(LockRegistry registry) {
        try {
            registry.lock("probe").tryAcquire().ifPresent(LockHandle::release);
            return false;
        } catch (IllegalStateException closing) {
            return true;
        }
    }

    private static String keys(EtcdServer etcd) {
        return etcd.etcdctl("get", "--prefix", "--keys-only", "locks/job/");
    }

    private static double held(MeterRegistry meters, String registry) {
        return meters.get("holdfast.locks.held")
                .tag("registry", registry)
                .gauge()
                .value();
    }

    private static String held(ApplicationContext context) {
        return "orders "
                + context.getBean("orders", LockRegistry.class).status().held() + ", billing "
                + context.getBean("billing", LockRegistry.class).status().held();
    }

    interface Body {
        String run();
    }

    static class Jobs {

        @DistributedLock(name = "job")
        String unqualified(Body body) {
            LockContext.current().ensureHeld();
            return body.run();
        }

        @DistributedLock(name = "job", registry = "billing")
        String billing(Body body) {
            LockContext.current().ensureHeld();
            return body.run();
        }
    }

    static class Qualified {

        @DistributedLock(name = "job", registry = "${jobs.locks}")
        String run(Body body) {
            return body.run();
        }
    }

    static class Named {

        @DistributedLock(name = "job", registry = "billing")
        String run(Body body) {
            return body.run();
        }
    }

    static class Unqualified {

        @DistributedLock(name = "job")
        String run(Body body) {
            return body.run();
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class PrimaryAndOther {

        @Bean
        @Primary
        LockRegistry orders() {
            return MemoryLockRegistry.create();
        }

        @Bean
        @Qualifier("money")
        LockRegistry billing() {
            return MemoryLockRegistry.create();
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class FallbackAndOther {

        @Bean
        LockRegistry orders() {
            return MemoryLockRegistry.create();
        }

        @Bean
        @Fallback
        LockRegistry billing() {
            return MemoryLockRegistry.create();
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class Equal {

        @Bean
        LockRegistry orders() {
            return MemoryLockRegistry.create();
        }

        @Bean
        LockRegistry billing() {
            return MemoryLockRegistry.create();
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class Beside {

        @Bean(defaultCandidate = false)
        LockRegistry billing(ObjectProvider<LockListener> listeners) {
            MemoryLockRegistry.Builder builder = MemoryLockRegistry.builder();
            listeners.orderedStream().forEach(builder::listener);
            return builder.build();
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class InAnotherEtcd {

        @Bean(defaultCandidate = false)
        LockRegistry billing(@Value("${billing.etcd}") String endpoint) {
            return EtcdLockRegistry.builder()
                    .endpoints(endpoint)
                    .closeTimeout(Duration.ofSeconds(2))
                    .build();
        }
    }
}
