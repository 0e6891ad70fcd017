package dev.holdfast.lock.spring.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.when;

import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.LockRegistry;
import dev.holdfast.lock.spring.LockLostEvent;
import dev.holdfast.lock.test.EtcdServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.ssl.SslAutoConfiguration;
import org.springframework.boot.ssl.SslBundle;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.event.EventListener;

/** Certificates of a running application that are renewed, on an etcd that demands them of its clients. */
@ExtendWith(OutputCaptureExtension.class)
@Timeout(90)
class SslBundleReloadTests {

    private static final Duration TTL = Duration.ofSeconds(6);

    @TempDir
    static Path made = Path.of("");

    private static SelfSigned server;
    private static SelfSigned nextServer;
    private static SelfSigned first;
    private static SelfSigned second;

    /** What the application and etcd read. */
    @TempDir
    private Path files = Path.of("");

    private final ApplicationContextRunner runner = new ApplicationContextRunner()
            .withBean(Losses.class)
            .withConfiguration(AutoConfigurations.of(SslAutoConfiguration.class, HoldfastAutoConfiguration.class));

    @BeforeAll
    static void make() throws Exception {
        server = SelfSigned.in(made, "server");
        nextServer = SelfSigned.in(made, "next-server");
        first = SelfSigned.in(made, "first");
        second = SelfSigned.in(made, "second");
    }

    @BeforeEach
    void install() throws IOException {
        write("server.crt", server.certificate());
        write("server.key", server.key());
        write("client.crt", first.certificate());
        write("client.key", first.key());
        write("trusted-by-client.crt", server.certificate());
    }

    @Test
    void filesThatChangeReachEtcdAsSoonAsItTakesThemAndNoLockIsLost(CapturedOutput output) throws Exception {
        write("trusted-by-etcd.crt", first.certificate());
        try (EtcdServer etcd = etcd()) {
            files(etcd).run(context -> {
                LockRegistry locks = context.getBean(LockRegistry.class);
                LockHandle held = locks.lock("held").acquire();

                write("trusted-by-client.crt", server.certificate(), nextServer.certificate());
                write("client.key", second.key());
                write("client.crt", second.certificate());
                // Not yet: etcd knows the first only.
                await().atMost(Duration.ofSeconds(20))
                        .until(() -> output.getOut().contains("are not used yet"));
                locks.lock("other").acquire().release();

                write("trusted-by-etcd.crt", second.certificate());
                write("server.key", nextServer.key());
                write("server.crt", nextServer.certificate());
                etcd.restart();
                await().atMost(Duration.ofSeconds(20))
                        .until(() -> output.getOut().contains("uses the new certificates"));

                locks.lock("other").acquire().release();
                await().during(TTL.plusSeconds(1)).atMost(TTL.multipliedBy(3)).until(held::isHeld);
                held.release();
                locks.lock("held").acquire().release();
                assertThat(context.getBean(Losses.class).events).isEmpty();
            });
            properties(etcd, first).run(context -> assertThat(context).hasFailed());
            properties(etcd, second).run(context -> assertThat(context).hasNotFailed());
        }
    }

    @Test
    void aBundleThatConnectionDetailsReplaceTakesOverWhileEtcdIsUp(CapturedOutput output) throws Exception {
        write("trusted-by-etcd.crt", first.certificate(), second.certificate());
        try (EtcdServer etcd = etcd()) {
            details(etcd, Details.class).run(context -> {
                LockRegistry locks = context.getBean(LockRegistry.class);
                LockHandle held = locks.lock("held").acquire();
                LockHandle awaited = locks.lock("awaited").acquire();
                CompletableFuture<Optional<LockHandle>> waiter =
                        locks.lock("awaited").tryAcquireAsync(Duration.ofSeconds(60));

                context.getBean(Details.class).use("second");
                await().atMost(Duration.ofSeconds(20))
                        .until(() -> output.getOut().contains("uses the new certificates"));

                locks.lock("other").acquire().release();
                awaited.release();
                assertThat(waiter).succeedsWithin(TTL);
                waiter.join().orElseThrow().release();
                await().during(TTL.plusSeconds(1)).atMost(TTL.multipliedBy(3)).until(held::isHeld);
                held.release();
                assertThat(context.getBean(Losses.class).events).isEmpty();
            });
        }
    }

    @Test
    void aBundleThatCannotBeReadIsToldAndTheOneBeforeStays(CapturedOutput output) throws Exception {
        write("trusted-by-etcd.crt", first.certificate());
        try (EtcdServer etcd = etcd()) {
            files(etcd).run(context -> {
                LockRegistry locks = context.getBean(LockRegistry.class);
                LockHandle held = locks.lock("held").acquire();

                Files.writeString(files.resolve("client.crt"), "half a certificate");
                await().atMost(Duration.ofSeconds(20))
                        .until(() -> output.getOut().contains("Unexpected SSL reload error")
                                || output.getOut().contains("SSL bundle is not used for etcd"));

                locks.lock("other").acquire().release();
                assertThat(held.isHeld()).isTrue();
                held.release();
            });
        }
    }

    @Test
    void anErrorThatABundleThrowsIsToldAndTheOneBeforeStays(CapturedOutput output) throws Exception {
        write("trusted-by-etcd.crt", first.certificate());
        try (EtcdServer etcd = etcd()) {
            details(etcd, Details.class).run(context -> {
                SslBundle broken = mock(SslBundle.class);
                when(broken.getManagers()).thenThrow(new NoClassDefFoundError("on purpose"));
                context.getBean(Details.class).tell(broken);
                assertThat(output.getOut())
                        .contains("SSL bundle is not used for etcd", "update the bundle again", "on purpose");
                context.getBean(LockRegistry.class).lock("other").acquire().release();
            });
        }
    }

    @Test
    void ofSeveralUpdatesDuringTheStartTheLastIsUsed() throws Exception {
        write("trusted-by-etcd.crt", second.certificate());
        try (EtcdServer etcd = etcd()) {
            details(etcd, UpdatedDuringTheStart.class)
                    .run(context -> assertThat(context).hasNotFailed());
        }
    }

    private EtcdServer etcd() {
        return EtcdServer.builder()
                .tls(files.resolve("server.crt"), files.resolve("server.key"), files.resolve("trusted-by-etcd.crt"))
                .start();
    }

    private ApplicationContextRunner details(EtcdServer etcd, Class<? extends Details> type) {
        return runner.withPropertyValues(
                        "holdfast.ttl=" + TTL.toSeconds() + "s",
                        bundle("first", "certificate", first.certificate()),
                        bundle("first", "private-key", first.key()),
                        bundle("second", "certificate", second.certificate()),
                        bundle("second", "private-key", second.key()),
                        "spring.ssl.bundle.pem.first.truststore.certificate=file:" + server.certificate(),
                        "spring.ssl.bundle.pem.second.truststore.certificate=file:" + server.certificate())
                .withBean(type, etcd.endpoint());
    }

    private ApplicationContextRunner files(EtcdServer etcd) {
        return runner.withPropertyValues(
                "holdfast.ttl=" + TTL.toSeconds() + "s",
                "holdfast.etcd.endpoints=" + etcd.endpoint(),
                "holdfast.etcd.ssl.bundle=etcd",
                "spring.ssl.bundle.watch.file.quiet-period=300ms",
                "spring.ssl.bundle.pem.etcd.reload-on-update=true",
                bundle("etcd", "certificate", files.resolve("client.crt")),
                bundle("etcd", "private-key", files.resolve("client.key")),
                "spring.ssl.bundle.pem.etcd.truststore.certificate=file:" + files.resolve("trusted-by-client.crt"));
    }

    private ApplicationContextRunner properties(EtcdServer etcd, SelfSigned client) {
        return runner.withPropertyValues(
                "holdfast.etcd.endpoints=" + etcd.endpoint(),
                "holdfast.etcd.ssl.bundle=etcd",
                bundle("etcd", "certificate", client.certificate()),
                bundle("etcd", "private-key", client.key()),
                "spring.ssl.bundle.pem.etcd.truststore.certificate=file:" + nextServer.certificate());
    }

    private static String bundle(String name, String part, Path file) {
        return "spring.ssl.bundle.pem." + name + ".keystore." + part + "=file:" + file;
    }

    /** As a renewal of certificates should: nobody sees half a file. */
    private void write(String name, Path... contents) throws IOException {
        List<String> texts = new ArrayList<>();
        for (Path content : contents) {
            texts.add(Files.readString(content));
        }
        Path whole = Files.writeString(files.resolve(name + ".new"), String.join("\n", texts));
        Files.move(whole, files.resolve(name), StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    }

    static class Losses {

        final Queue<LockLostEvent> events = new ConcurrentLinkedQueue<>();

        @EventListener
        void on(LockLostEvent event) {
            events.add(event);
        }
    }

    static class Details implements EtcdConnectionDetails {

        private final String endpoint;
        private final SslBundles bundles;
        private final List<Consumer<SslBundle>> handlers = new ArrayList<>();

        Details(String endpoint, SslBundles bundles) {
            this.endpoint = endpoint;
            this.bundles = bundles;
        }

        @Override
        public List<String> endpoints() {
            return List.of(endpoint);
        }

        @Override
        public SslBundle sslBundle() {
            return bundles.getBundle("first");
        }

        @Override
        public void addSslBundleUpdateHandler(Consumer<SslBundle> handler) {
            handlers.add(handler);
        }

        void use(String bundle) {
            tell(bundles.getBundle(bundle));
        }

        void tell(SslBundle bundle) {
            handlers.forEach(handler -> handler.accept(bundle));
        }
    }

    static class UpdatedDuringTheStart extends Details {

        UpdatedDuringTheStart(String endpoint, SslBundles bundles) {
            super(endpoint, bundles);
        }

        @Override
        public void addSslBundleUpdateHandler(Consumer<SslBundle> handler) {
            super.addSslBundleUpdateHandler(handler);
            use("first");
            use("second");
        }
    }
}
