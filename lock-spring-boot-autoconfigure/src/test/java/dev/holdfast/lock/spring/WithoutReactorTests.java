package dev.holdfast.lock.spring;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.lock.LockRegistry;
import dev.holdfast.lock.memory.MemoryLockRegistry;
import java.io.File;
import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Reactor is there when the application has it. */
class WithoutReactorTests {

    private static final List<String> LEFT_OUT = List.of("reactor-core", "reactive-streams", "rxjava");

    @Test
    void futuresAreLockedAsEver() throws Exception {
        assertThat(runWithoutReactor(LocksAFuture.class)).isEqualTo("job held");
    }

    @Test
    void publishersAreRefusedSayingWhatIsMissing() throws Exception {
        assertThat(runWithoutReactor(LocksAPublisher.class)).contains("Add io.projectreactor:reactor-core");
    }

    private static String runWithoutReactor(Class<? extends Supplier<String>> application) throws Exception {
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        try (URLClassLoader loader = new URLClassLoader(classPath(), ClassLoader.getPlatformClassLoader())) {
            thread.setContextClassLoader(loader);
            Object created = loader.loadClass(application.getName())
                    .getDeclaredConstructor()
                    .newInstance();
            return ((Supplier<?>) created).get().toString();
        } finally {
            thread.setContextClassLoader(before);
        }
    }

    private static URL[] classPath() throws Exception {
        String[] entries = System.getProperty("java.class.path").split(File.pathSeparator);
        assertThat(entries).anyMatch(entry -> entry.contains("reactor-core"));
        return Arrays.stream(entries)
                .filter(entry -> LEFT_OUT.stream().noneMatch(entry::contains))
                .map(entry -> toUrl(new File(entry).toURI()))
                .toArray(URL[]::new);
    }

    private static URL toUrl(URI uri) {
        try {
            return uri.toURL();
        } catch (java.net.MalformedURLException impossible) {
            throw new IllegalArgumentException(impossible);
        }
    }

    /** Runs in a class loader of its own. */
    public static class LocksAFuture implements Supplier<String> {

        @Override
        public String get() {
            try (AnnotationConfigApplicationContext context =
                    new AnnotationConfigApplicationContext(Locks.class, Job.class)) {
                return context.getBean(Job.class).run().get(10, TimeUnit.SECONDS);
            } catch (Exception failure) {
                throw new IllegalStateException(failure);
            }
        }
    }

    /** Runs in a class loader of its own. */
    public static class LocksAPublisher implements Supplier<String> {

        @Override
        public String get() {
            try (AnnotationConfigApplicationContext context =
                    new AnnotationConfigApplicationContext(Locks.class, Publishing.class)) {
                return "started " + context;
            } catch (RuntimeException refused) {
                return String.valueOf(refused.getMessage());
            }
        }
    }

    @Configuration(proxyBeanMethods = false)
    @EnableDistributedLocks
    static class Locks {

        @Bean
        LockRegistry lockRegistry() {
            return MemoryLockRegistry.create();
        }
    }

    static class Job {

        @DistributedLock(name = "job")
        CompletableFuture<String> run() {
            return CompletableFuture.completedFuture(
                    LockContext.current().name() + (LockContext.current().isHeld() ? " held" : " free"));
        }
    }

    static class Publishing {

        @DistributedLock(name = "job")
        Flow.Publisher<String> run() {
            return subscriber -> {};
        }
    }
}
