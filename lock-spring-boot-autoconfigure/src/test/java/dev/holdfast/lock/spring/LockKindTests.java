package dev.holdfast.lock.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.mockito.Mockito.mock;

import dev.holdfast.lock.LockConflictException;
import dev.holdfast.lock.LockException;
import dev.holdfast.lock.LockLoss;
import dev.holdfast.lock.LockLostException;
import dev.holdfast.lock.LockOptions;
import dev.holdfast.lock.LockRegistry;
import dev.holdfast.lock.LockUnavailableException;
import dev.holdfast.lock.memory.MemoryLockRegistry;
import dev.holdfast.lock.spring.autoconfigure.HoldfastAutoConfiguration;
import dev.holdfast.lock.test.EtcdExtension;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Lazy;

/** The kinds of lock that the annotation takes, on both stores. The bodies run while other threads ask for the same names. */
@Timeout(60)
class LockKindTests {

    @RegisterExtension
    static final EtcdExtension ETCD = new EtcdExtension();

    @ParameterizedTest
    @ValueSource(strings = {"memory", "etcd"})
    void asManyHoldASemaphoreAsItHasPermits(String store) {
        run(
                store,
                pool -> assertThat(pool.permit(() ->
                                elsewhere(() -> pool.permit(() -> elsewhere(() -> pool.permit(() -> "third"))))))
                        .isEqualTo("busy"));
        run(
                store,
                pool -> assertThat(pool.permit(() -> elsewhere(() -> pool.permit(() -> "second"))))
                        .isEqualTo("second"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"memory", "etcd"})
    void whoStatesAnotherNumberOfPermitsIsTold(String store) {
        run(
                store,
                pool -> pool.permit(() -> {
                    assertThatExceptionOfType(LockConflictException.class)
                            .isThrownBy(() -> elsewhere(() -> pool.otherPermits(() -> "ran")));
                    return "";
                }));
    }

    @ParameterizedTest
    @ValueSource(strings = {"memory", "etcd"})
    void readersComeTogetherAndWritersAlone(String store) {
        run(store, pool -> {
            assertThat(pool.read(() -> elsewhere(() -> pool.read(() -> "read"))))
                    .isEqualTo("read");
            assertThat(pool.read(() -> elsewhere(() -> pool.write(() -> "wrote"))))
                    .isEqualTo("busy");
            assertThat(pool.write(() -> elsewhere(() -> pool.read(() -> "read"))))
                    .isEqualTo("busy");
            assertThat(pool.write(() -> pool.read(() -> "read by the writer"))).isEqualTo("read by the writer");
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"memory", "etcd"})
    void allElementsOfAKeyAreLocked(String store) {
        run(store, pool -> {
            String seen = pool.all(List.of("1", "2"), () -> {
                assertThat(LockContext.fencingToken()).isPositive();
                return elsewhere(() -> pool.one("1", () -> "ran"))
                        + elsewhere(() -> pool.one("2", () -> "ran"))
                        + elsewhere(() -> pool.one("3", () -> " ran"));
            });
            assertThat(seen).isEqualTo("busybusy ran");
            assertThat(pool.one("1", () -> "free again")).isEqualTo("free again");
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"memory", "etcd"})
    void afterMaxHoldTheLockIsLost(String store) {
        run(
                store,
                pool -> assertThatExceptionOfType(LockLostException.class)
                        .isThrownBy(() -> pool.capped(new CountDownLatch(1)))
                        .satisfies(lost -> assertThat(lost.loss().reason()).isEqualTo(LockLoss.Reason.MAX_HOLD)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"memory", "etcd"})
    void withinHoldAtLeastTheNameStaysTaken(String store) {
        run(store, pool -> {
            assertThat(pool.kept(() -> "ran")).isEqualTo("ran");
            assertThat(pool.kept(() -> "ran")).isEqualTo("busy");
        });
    }

    @Test
    void anEtcdOutOfReachCallsTheFallbackThatTakesIt() {
        new ApplicationContextRunner()
                .withUserConfiguration(Pool.class)
                .withConfiguration(AutoConfigurations.of(HoldfastAutoConfiguration.class))
                .withPropertyValues(
                        "holdfast.etcd.endpoints=http://127.0.0.1:1",
                        "holdfast.fail-fast=false",
                        "holdfast.etcd.request-timeout=200ms",
                        "holdfast.shutdown-timeout=100ms")
                .run(context -> {
                    Pool pool = context.getBean(Pool.class);
                    assertThat(pool.guarded()).isEqualTo("LockUnavailableException");
                    assertThatExceptionOfType(LockUnavailableException.class)
                            .isThrownBy(() -> pool.permit(() -> "ran"));
                });
    }

    @Test
    void attributesThatContradictTheDefaultsOfTheRegistryFailTheStart() {
        contradicted(Pool.class)
                .run(context -> assertThat(context.getStartupFailure())
                        .isInstanceOf(InvalidLockDeclarationException.class)
                        .hasMessageContaining("Pool.kept(Callable) contradicts the defaults of its lock registry")
                        .hasMessageContaining("holdAtLeast is PT1H"));
    }

    @Test
    void attributesOfALazyBeanThatContradictTheDefaultsOfTheRegistryFailTheCall() {
        contradicted(LazyPool.class)
                .run(context -> assertThatExceptionOfType(InvalidLockDeclarationException.class)
                        .isThrownBy(() -> context.getBean(Pool.class).kept(() -> "ran"))
                        .withMessageContaining("Pool.kept(Callable) contradicts the defaults of its lock registry"));
    }

    @Test
    void aRegistryThatIsAMockDoesNotFailTheStart() {
        new ApplicationContextRunner()
                .withUserConfiguration(Pool.class)
                .withConfiguration(AutoConfigurations.of(HoldfastAutoConfiguration.class))
                .withBean(LockRegistry.class, () -> mock(LockRegistry.class))
                .run(context -> assertThat(context).hasNotFailed());
    }

    private static ApplicationContextRunner contradicted(Class<?> pool) {
        return new ApplicationContextRunner()
                .withUserConfiguration(pool)
                .withConfiguration(AutoConfigurations.of(HoldfastAutoConfiguration.class))
                .withPropertyValues("holdfast.store=memory")
                .withBean(
                        LockRegistry.class,
                        () -> MemoryLockRegistry.builder()
                                .defaults(LockOptions.defaults().withMaxHold(Duration.ofMinutes(1)))
                                .build());
    }

    private void run(String store, PoolTest test) {
        new ApplicationContextRunner()
                .withUserConfiguration(Pool.class)
                .withConfiguration(AutoConfigurations.of(HoldfastAutoConfiguration.class))
                .withPropertyValues(
                        "holdfast.store=" + store,
                        "holdfast.etcd.endpoints=" + String.join(",", ETCD.endpoints()),
                        "holdfast.key-prefix=" + ETCD.uniquePrefix())
                .run(context -> test.run(context.getBean(Pool.class)));
    }

    private static <T> T elsewhere(Callable<T> call) throws Exception {
        ExecutorService other = Executors.newSingleThreadExecutor();
        try {
            return other.submit(call).get(30, TimeUnit.SECONDS);
        } catch (java.util.concurrent.ExecutionException failed) {
            throw failed.getCause() instanceof Exception cause ? cause : failed;
        } finally {
            other.shutdownNow();
        }
    }

    @FunctionalInterface
    interface PoolTest {
        void run(Pool pool) throws Exception;
    }

    @Configuration(proxyBeanMethods = false)
    static class LazyPool {

        @Bean
        @Lazy
        Pool pool() {
            return new Pool();
        }
    }

    static class Pool {

        @DistributedLock(name = "pool", permits = 2, waitTime = "0s", fallback = "busy")
        String permit(Callable<String> body) throws Exception {
            return body.call();
        }

        @DistributedLock(name = "pool", permits = 3, waitTime = "0s")
        String otherPermits(Callable<String> body) throws Exception {
            return body.call();
        }

        @DistributedLock(name = "prices", mode = LockMode.SHARED, waitTime = "0s", fallback = "busy")
        String read(Callable<String> body) throws Exception {
            return body.call();
        }

        @DistributedLock(name = "prices", waitTime = "0s", fallback = "busy")
        String write(Callable<String> body) throws Exception {
            return body.call();
        }

        @DistributedLock(name = "item", key = "#ids", waitTime = "0s")
        String all(List<String> ids, Callable<String> body) throws Exception {
            return body.call();
        }

        @DistributedLock(name = "item", key = "#id", waitTime = "0s", fallback = "busyItem")
        String one(String id, Callable<String> body) throws Exception {
            return body.call();
        }

        @DistributedLock(name = "capped", maxHold = "300ms")
        void capped(CountDownLatch never) throws InterruptedException {
            never.await();
        }

        @DistributedLock(name = "kept", holdAtLeast = "1h", waitTime = "0s", fallback = "busy")
        String kept(Callable<String> body) throws Exception {
            return body.call();
        }

        @DistributedLock(name = "guarded", waitTime = "0s", fallback = "failed")
        String guarded() {
            return "ran";
        }

        private String failed(LockException failure) {
            return failure.getClass().getSimpleName();
        }

        private String busy(Callable<String> body) {
            return "busy";
        }

        private String busyItem(String id, Callable<String> body) {
            return "busy";
        }
    }
}
