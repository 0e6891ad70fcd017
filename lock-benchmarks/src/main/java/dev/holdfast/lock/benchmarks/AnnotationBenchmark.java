package dev.holdfast.lock.benchmarks;

import dev.holdfast.lock.LeaseLock;
import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.LockRegistry;
import dev.holdfast.lock.spring.DistributedLock;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
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
 * What the annotation adds to the same lock taken by hand, with the same name, in the same application and on its memory store. Run with
 * {@code -prof gc}: the difference in bytes is exact, that in time has the noise of both.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(3)
public class AnnotationBenchmark {

    private ConfigurableApplicationContext application = new SpringApplicationBuilder(Application.class)
            .web(WebApplicationType.NONE)
            .properties("holdfast.store=memory", "logging.level.root=warn", "spring.main.banner-mode=off")
            .build()
            .run();
    private Orders orders = application.getBean(Orders.class);
    private LockRegistry registry = application.getBean(LockRegistry.class);
    private LeaseLock lock = registry.lock("order:eu:4711");
    private Order order = new Order("eu", "4711");

    @TearDown
    public void close() {
        application.close();
    }

    /** The lock object is kept: the least there can be. */
    @Benchmark
    public String programmatic() throws InterruptedException {
        LockHandle handle = lock.acquire();
        try {
            return order.id();
        } finally {
            handle.release();
        }
    }

    /** The name is put together and the lock looked up for each call, as code does that has no annotation. */
    @Benchmark
    public String programmaticByName() throws InterruptedException {
        LockHandle handle =
                registry.lock("order:" + order.region() + ":" + order.id()).acquire();
        try {
            return order.id();
        } finally {
            handle.release();
        }
    }

    @Benchmark
    public String annotated() {
        return orders.byRegionAndId(order);
    }

    @Benchmark
    public String annotatedById() {
        return orders.byId("4711");
    }

    @Benchmark
    public String annotatedByName() {
        return orders.byName("4711");
    }

    /** An argument with properties, as keys usually have. */
    public record Order(String region, String id) {}

    /** The annotated bean: a key of two properties, of one argument, and none. */
    public static class Orders {

        @DistributedLock(key = "'order:' + #o.region + ':' + #o.id")
        public String byRegionAndId(Order o) {
            return o.id();
        }

        @DistributedLock(key = "#id")
        public String byId(String id) {
            return id;
        }

        @DistributedLock(name = "order")
        public String byName(String id) {
            return id;
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
