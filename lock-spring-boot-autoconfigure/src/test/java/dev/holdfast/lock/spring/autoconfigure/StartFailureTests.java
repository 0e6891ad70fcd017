package dev.holdfast.lock.spring.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.lock.LockRegistry;
import dev.holdfast.lock.LockUnavailableException;
import dev.holdfast.lock.spring.DistributedLock;
import dev.holdfast.lock.spring.OnBusy;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.autoconfigure.ssl.SslAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.scheduling.annotation.EnableScheduling;
import org.springframework.scheduling.annotation.Scheduled;
import reactor.core.publisher.Mono;

/** What a user sees when the configuration is wrong: the failure report of a whole application, within five seconds. */
@ExtendWith(OutputCaptureExtension.class)
class StartFailureTests {

    private static final String SECRET = "s3cret-word";

    static Stream<Arguments> wrong() {
        return Stream.of(
                failure("holdfast.ttl", "holdfast.ttl=1s", "PT1S", "5 s to 300 s"),
                failure("holdfast.ttl", "holdfast.ttl=10m", "PT10M", "5 s to 300 s"),
                failure("holdfast.hand-over.max-count", "holdfast.hand-over.max-count=0", "0", "at least 1"),
                failure("holdfast.hand-over.max-time", "holdfast.hand-over.max-time=2s", "PT2S", "1 ms to 1 s"),
                failure("holdfast.wait-time", "holdfast.wait-time=-1s", "PT-1S", "zero"),
                failure("holdfast.store", "holdfast.store=redis", "redis"),
                failure("holdfast.key-prefix", "holdfast.key-prefix=locks", "locks", "/"),
                failure("holdfast.key-prefix", "holdfast.key-prefix=my\tlocks/", "my?locks/", "white space"),
                failure("holdfast.etcd.endpoints", "holdfast.etcd.endpoints=localhost", "localhost", "http://"),
                failure("holdfast.etcd.endpoints", "holdfast.etcd.endpoints=ftp://x:1", "ftp://x:1", "http"),
                failure("holdfast.etcd.endpoints", "holdfast.etcd.endpoints=http://x:99999", "99999"),
                failure("holdfast.etcd.endpoints", "holdfast.etcd.endpoints=https://x:1", "https://x:1", "ssl.bundle"),
                failure(
                        "holdfast.etcd.endpoints",
                        "holdfast.etcd.endpoints=http://root:" + SECRET + "@x:1",
                        "***@x:1",
                        "username"),
                failure("holdfast.etcd.username", "holdfast.etcd.username=root", "root", "holdfast.etcd.password"),
                failure("holdfast.etcd.username", "holdfast.etcd.password=" + SECRET, "no user"),
                failure("holdfast.etcd.ssl.bundle", "holdfast.etcd.ssl.bundle=none", "http", "https://"),
                failure("holdfast.etcd.request-timeout", "holdfast.etcd.request-timeout=0s", "PT0S"),
                failure("holdfast.shutdown-timeout", "holdfast.shutdown-timeout=-1s", "PT-1S", "zero"),
                failure("holdfast.key-prefix", "holdfast.store=memory --holdfast.key-prefix=locks", "locks", "/"),
                failure(
                        "holdfast.shutdown-timeout",
                        "holdfast.store=memory --holdfast.shutdown-timeout=-1s",
                        "PT-1S",
                        "zero"),
                failure("holdfast.etcd.endpoints", "holdfast.etcd.endpoints=http://127.0.0.1:1", "fail-fast=false"));
    }

    private static Arguments failure(String property, String setting, String... texts) {
        return Arguments.of(property, setting, texts);
    }

    @ParameterizedTest
    @MethodSource("wrong")
    @Timeout(10)
    void theReportNamesPropertyValueAndRemedy(String property, String setting, String[] texts, CapturedOutput output) {
        Duration took = start(("--" + setting).split(" "));
        assertThat(output)
                .contains("APPLICATION FAILED TO START")
                .contains("Action:")
                .contains(property)
                .contains(texts)
                .doesNotContain(SECRET);
        assertThat(took).isLessThan(Duration.ofSeconds(5));
    }

    @Test
    void aMissingSslBundleIsReported(CapturedOutput output) {
        start("--holdfast.etcd.endpoints=https://x:1", "--holdfast.etcd.ssl.bundle=nowhere");
        assertThat(output)
                .contains("APPLICATION FAILED TO START")
                .contains("'holdfast.etcd.ssl.bundle' names the SSL bundle 'nowhere', which does not exist")
                .contains("spring.ssl.bundle.pem.nowhere.truststore.certificate");
    }

    /** Spring calls it before there is a registry, and would lose why there is none. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            --holdfast.etcd.endpoints=http://127.0.0.1:1                                      | fail-fast=false
            --holdfast.ttl=1s                                                                 | 5 s to 300 s
            --holdfast.etcd.endpoints=https://x:1 --holdfast.etcd.ssl.bundle=nowhere          | SSL bundle 'nowhere', which does not exist
            """)
    void whatAScheduledPublisherNeedsIsReportedAsEver(String settings, String text, CapturedOutput output) {
        start(ScheduledApplication.class, settings.split(" "));
        assertThat(output)
                .contains("APPLICATION FAILED TO START")
                .contains("Action:")
                .contains(text)
                .doesNotContain("Could not create recurring task");
    }

    @Test
    void aWrongDeclarationOnAScheduledPublisherIsReported(CapturedOutput output) {
        start(WrongScheduledApplication.class, "--holdfast.store=memory");
        assertThat(output)
                .contains("APPLICATION FAILED TO START")
                .contains("WrongScheduledJob.run() has waitTime = \"abc\", which is not a duration")
                .contains("Action:")
                .doesNotContain("Could not create recurring task");
    }

    @Test
    void aRegistryThatCannotStartIsTheCauseAlsoWithAScheduledPublisher() {
        new ApplicationContextRunner()
                .withUserConfiguration(ScheduledApplication.class, NoEtcd.class)
                .run(context -> assertThat(context)
                        .getFailure()
                        .hasStackTraceContaining("Caused by: " + EtcdStartException.class.getName()));
    }

    static Duration start(String... arguments) {
        return start(Application.class, arguments);
    }

    private static Duration start(Class<?> application, String... arguments) {
        long begin = System.nanoTime();
        try {
            new SpringApplicationBuilder(application)
                    .web(WebApplicationType.NONE)
                    .bannerMode(org.springframework.boot.Banner.Mode.OFF)
                    .run(arguments)
                    .close();
        } catch (RuntimeException expected) {
            assertThat(expected).isNotInstanceOf(SpringApplication.AbandonedRunException.class);
        }
        return Duration.ofNanos(System.nanoTime() - begin);
    }

    @Configuration(proxyBeanMethods = false)
    @ImportAutoConfiguration({SslAutoConfiguration.class, HoldfastAutoConfiguration.class})
    static class Application {}

    @Configuration(proxyBeanMethods = false)
    @EnableScheduling
    @Import(ScheduledJob.class)
    static class ScheduledApplication extends Application {}

    @Configuration(proxyBeanMethods = false)
    @EnableScheduling
    @Import(WrongScheduledJob.class)
    static class WrongScheduledApplication extends Application {}

    static class WrongScheduledJob {

        @Scheduled(fixedDelay = 20)
        @DistributedLock(name = "job", waitTime = "abc")
        Mono<String> run() {
            return Mono.just("");
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class NoEtcd {

        @Bean
        LockRegistry lockRegistry() {
            throw new EtcdStartException(false, new LockUnavailableException("", "etcd is down", null));
        }
    }

    static class ScheduledJob {

        @Scheduled(fixedDelay = 20)
        @DistributedLock(name = "job", onBusy = OnBusy.SKIP)
        Mono<String> run() {
            return Mono.just("");
        }
    }
}
