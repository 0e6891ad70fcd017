package dev.holdfast.lock.spring.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.holdfast.lock.spring.DistributedLock;
import dev.holdfast.lock.spring.LockContext;
import java.io.File;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** A whole application on the class path of these tests, without the jars of one optional library: each is really missing. */
class StartsWithoutTests {

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = ';',
            value = {
                "actuator; spring-boot-(actuator|health|starter-actuator).*; org.springframework.boot.health.contributor.HealthIndicator",
                "micrometer; micrometer-(?!commons-|observation-[0-9]).*|spring-boot-micrometer-.*;"
                        + " io.micrometer.core.instrument.MeterRegistry",
                "reactor; reactor-.*|reactive-streams-.*; reactor.core.publisher.Mono",
                "transactions; spring-(tx|jdbc)-.*|spring-boot-(transaction|persistence|sql|jdbc)-.*;"
                        + " org.springframework.transaction.PlatformTransactionManager",
                "Testcontainers; (spring-boot-)?testcontainers-.*; org.testcontainers.containers.GenericContainer",
                "Docker Compose; spring-boot-docker-compose-.*; org.springframework.boot.docker.compose.core.RunningService",
                "Spring Integration; spring-(integration|messaging)-.*; org.springframework.integration.support.locks.LockRegistry",
                "ShedLock; shedlock-.*; net.javacrumbs.shedlock.core.LockProvider",
                "spring-web; spring-web-.*|spring-boot-(restclient|web-server|tomcat|http-.*)-.*;"
                        + " org.springframework.web.client.RestClient",
                "AspectJ; aspectjweaver-.*; org.aspectj.weaver.Advice",
                "Mockito; mockito-.*; org.mockito.Mockito",
            })
    void anApplicationLocks(String library, String jars, String classOfIt) throws Exception {
        assertThat(Class.forName(classOfIt))
                .as("%s is here for the other tests", library)
                .isNotNull();
        try (URLClassLoader without = classPathWithout(Pattern.compile(jars))) {
            assertThatExceptionOfType(ClassNotFoundException.class).isThrownBy(() -> without.loadClass(classOfIt));
            assertThat(run(without)).isEqualTo("job:7");
        }
    }

    @Test
    void anApplicationWithAllOfThemLocks() throws Exception {
        try (URLClassLoader all = classPathWithout(Pattern.compile("no such jar"))) {
            assertThat(run(all)).isEqualTo("job:7");
        }
    }

    @Test
    void withoutMockitoAnObjectThatIsNotLockedIsRefusedToo() throws Exception {
        try (URLClassLoader without = classPathWithout(Pattern.compile("mockito-.*"))) {
            assertThat(run(without, "unlockedJob")).contains("has no effect on the bean 'unlocked'");
        }
    }

    private static String run(ClassLoader loader) throws Exception {
        return run(loader, "lockedJob");
    }

    private static String run(ClassLoader loader, String method) throws Exception {
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        thread.setContextClassLoader(loader);
        try {
            return String.valueOf(Class.forName(Application.class.getName(), true, loader)
                    .getMethod(method)
                    .invoke(null));
        } finally {
            thread.setContextClassLoader(before);
        }
    }

    /** Nothing of this JVM's application but what is listed: the parent has the JDK only. */
    private static URLClassLoader classPathWithout(Pattern jars) throws MalformedURLException {
        List<URL> kept = new ArrayList<>();
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
            File file = new File(entry);
            if (!jars.matcher(file.getName()).matches()) {
                kept.add(file.toURI().toURL());
            }
        }
        return new URLClassLoader(kept.toArray(URL[]::new), ClassLoader.getPlatformClassLoader());
    }

    static class Jobs {

        @DistributedLock(name = "job", key = "#id")
        String run(int id) {
            return LockContext.current().name();
        }
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    public static class Application {

        public static String lockedJob() {
            try (ConfigurableApplicationContext context = start(new SpringApplication(Application.class))) {
                return context.getBean(Jobs.class).run(7);
            }
        }

        public static String unlockedJob() {
            SpringApplication application = new SpringApplication(Application.class);
            application.addInitializers(context -> context.getBeanFactory().registerSingleton("unlocked", new Jobs()));
            try (ConfigurableApplicationContext context = start(application)) {
                return "started " + context.getId();
            } catch (RuntimeException refused) {
                return String.valueOf(refused.getMessage());
            }
        }

        private static ConfigurableApplicationContext start(SpringApplication application) {
            return application.run(
                    "--holdfast.store=memory",
                    "--spring.docker.compose.enabled=false",
                    // Tomcat sets a factory of which a JVM takes only one.
                    "--spring.main.web-application-type=none",
                    "--spring.main.banner-mode=off");
        }

        @Bean
        Jobs jobs() {
            return new Jobs();
        }
    }
}
