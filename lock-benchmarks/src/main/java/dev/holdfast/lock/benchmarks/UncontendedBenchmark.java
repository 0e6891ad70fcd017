package dev.holdfast.lock.benchmarks;

import dev.holdfast.lock.LeaseLock;
import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.LockOptions;
import dev.holdfast.lock.LockRegistry;
import dev.holdfast.lock.engine.EngineOptions;
import dev.holdfast.lock.engine.LockEngine;
import dev.holdfast.lock.memory.MemoryServer;
import dev.holdfast.lock.spring.DistributedLock;
import dev.holdfast.lock.store.Compare;
import dev.holdfast.lock.store.KeyRange;
import dev.holdfast.lock.store.LeaseGrant;
import dev.holdfast.lock.store.LockStore;
import dev.holdfast.lock.store.Op;
import dev.holdfast.lock.store.Txn;
import dev.holdfast.lock.store.TxnResult;
import dev.holdfast.lock.time.SystemTimeSource;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * What an uncontended lock costs the caller's thread besides the store: all on the memory store, which answers on that thread. {@code
 * storeOnly} is the floor, the two transactions of a cycle and nothing else; {@code programmatic} less {@code storeOnly} is the
 * engine, {@code annotated} less {@code programmatic} the annotation.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
public class UncontendedBenchmark {

    private static final Duration TIMEOUT = Duration.ofSeconds(1);

    private SystemTimeSource time = new SystemTimeSource();
    private LockStore store = new MemoryServer(time).connect();
    private LockRegistry registry = LockEngine.onSystemTime(store, EngineOptions.defaults());
    private LeaseLock lock = registry.lock("order:4711", LockOptions.defaults());
    private long leaseId = store.grant(Duration.ofSeconds(300), TIMEOUT)
            .thenApply(LeaseGrant::leaseId)
            .join();
    private ConfigurableApplicationContext application = new SpringApplicationBuilder(Application.class)
            .web(WebApplicationType.NONE)
            .properties("holdfast.store=memory", "logging.level.root=warn", "spring.main.banner-mode=off")
            .build()
            .run();
    private Orders orders = application.getBean(Orders.class);
    private Order order = new Order("4711");

    @Setup
    public void warmUp() throws InterruptedException {
        lock.acquire().release();
    }

    @TearDown
    public void close() {
        application.close();
        registry.close();
        time.close();
    }

    @Benchmark
    public TxnResult storeOnly() {
        String key = "locks/order:4711/floor";
        TxnResult joined = store.txn(
                        new Txn(
                                List.of(
                                        Compare.absent(KeyRange.single(key)),
                                        Compare.modifiedAt("locks/%guard/floor/order:4711", 0)),
                                List.of(
                                        new Op.Put(key, "{}", leaseId),
                                        new Op.Get(
                                                KeyRange.prefix("locks/order:4711/"),
                                                Op.Order.NEWEST_FIRST,
                                                16,
                                                0,
                                                true)),
                                List.of(Op.Get.key(key))),
                        TIMEOUT)
                .join();
        return store.txn(
                        new Txn(
                                List.of(Compare.createdAt(key, joined.revision())),
                                List.of(new Op.Delete(KeyRange.single(key))),
                                List.of()),
                        TIMEOUT)
                .join();
    }

    @Benchmark
    public long programmatic() throws InterruptedException {
        try (LockHandle handle = lock.acquire()) {
            return handle.fencingToken();
        }
    }

    @Benchmark
    public String annotated() {
        return orders.pay(order);
    }

    /** An argument with a property, as keys usually have. */
    public record Order(String id) {}

    /** The annotated bean. */
    public static class Orders {

        @DistributedLock(key = "'order:' + #order.id", ttl = "30s", renew = true)
        public String pay(Order order) {
            return order.id();
        }
    }

    /** The smallest application with the starter. */
    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    public static class Application {

        @Bean
        Orders orders() {
            return new Orders();
        }
    }
}
