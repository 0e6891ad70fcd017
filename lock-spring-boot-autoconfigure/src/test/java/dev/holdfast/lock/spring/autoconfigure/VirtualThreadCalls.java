package dev.holdfast.lock.spring.autoconfigure;

import dev.holdfast.lock.LockRegistry;
import dev.holdfast.lock.spring.DistributedLock;
import dev.holdfast.lock.test.PinnedThreads;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.autoconfigure.task.TaskExecutionAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.task.AsyncTaskExecutor;

/** Many calls at once on virtual threads; a program of its own, since it wants a JDK that has them, and a quiet recording. */
final class VirtualThreadCalls {

    static final int CALLS = 10_000;

    /** Half of the calls have a name for themselves, the others are many on each of these. */
    private static final int SHARED_NAMES = 50;

    private VirtualThreadCalls() {}

    /** @param args the URL of etcd */
    public static void main(String[] args) throws Exception {
        SpringApplication application = new SpringApplication(Application.class);
        application.setWebApplicationType(WebApplicationType.NONE);
        try (ConfigurableApplicationContext context = application.run(
                "--spring.threads.virtual.enabled=true",
                "--spring.docker.compose.enabled=false",
                "--holdfast.etcd.endpoints=" + args[0],
                "--holdfast.wait-time=240s",
                "--holdfast.etcd.request-timeout=30s")) {
            AsyncTaskExecutor executor = context.getBean("applicationTaskExecutor", AsyncTaskExecutor.class);
            Counter counter = context.getBean(Counter.class);
            // Classes are initialized once, which does pin the thread that happens to do it.
            run(executor, counter, 200);
            counter.reset();
            try (PinnedThreads pinned = PinnedThreads.recording(Duration.ofMillis(20))) {
                run(executor, counter, CALLS);
                System.out.println("counted=" + counter.counted());
                System.out.println("virtual=" + counter.virtual());
                System.out.println(
                        "held=" + context.getBean(LockRegistry.class).status().held());
                System.out.println("pinned=" + pinned.stop());
            }
        }
    }

    private static void run(AsyncTaskExecutor executor, Counter counter, int calls) throws Exception {
        CountDownLatch start = new CountDownLatch(1);
        CompletableFuture<?>[] running = IntStream.range(0, calls)
                .mapToObj(i -> CompletableFuture.runAsync(
                        () -> {
                            await(start);
                            counter.count(i % 2 == 0 ? "own-" + i : "shared-" + i % (2 * SHARED_NAMES));
                        },
                        executor))
                .toArray(CompletableFuture[]::new);
        start.countDown();
        CompletableFuture.allOf(running).join();
    }

    private static void await(CountDownLatch start) {
        try {
            start.await();
        } catch (InterruptedException interrupted) {
            throw new IllegalStateException(interrupted);
        }
    }

    static class Counter {

        private final AtomicInteger virtual = new AtomicInteger();
        private final Map<String, Integer> counts = new ConcurrentHashMap<>();

        /** Loses counts if two are in it under one name. */
        @DistributedLock(name = "count", key = "#name")
        void count(String name) {
            int before = counts.getOrDefault(name, 0);
            Thread.yield();
            counts.put(name, before + 1);
            // The code is compiled for 17, which does not know isVirtual().
            if (Thread.currentThread().getClass().getSimpleName().contains("VirtualThread")) {
                virtual.incrementAndGet();
            }
        }

        int virtual() {
            return virtual.get();
        }

        int counted() {
            return counts.values().stream().mapToInt(Integer::intValue).sum();
        }

        void reset() {
            counts.clear();
            virtual.set(0);
        }
    }

    @Configuration(proxyBeanMethods = false)
    @ImportAutoConfiguration({TaskExecutionAutoConfiguration.class, HoldfastAutoConfiguration.class})
    static class Application {

        @Bean
        Counter counter() {
            return new Counter();
        }
    }
}
