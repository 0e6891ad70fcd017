package dev.holdfast.lock.spring.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.springframework.test.web.client.match.MockRestRequestMatchers.header;
import static org.springframework.test.web.client.match.MockRestRequestMatchers.headerDoesNotExist;
import static org.springframework.test.web.client.response.MockRestResponseCreators.withSuccess;

import dev.holdfast.lock.LockLostException;
import dev.holdfast.lock.spring.DistributedLock;
import dev.holdfast.lock.spring.EnableDistributedLocks;
import dev.holdfast.lock.spring.FakeLockRegistry;
import dev.holdfast.lock.spring.LockContext;
import dev.holdfast.lock.spring.OnLost;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.test.web.client.MockRestServiceServer;
import org.springframework.web.client.RestClient;
import org.springframework.web.client.RestTemplate;

class FencingInterceptorTests {

    private final ApplicationContextRunner runner = new ApplicationContextRunner().withUserConfiguration(Locks.class);

    @Test
    void aLockedMethodSendsItsToken() {
        RestClient.Builder builder = RestClient.builder().requestInterceptor(FencingInterceptor.ifLocked());
        MockRestServiceServer server = MockRestServiceServer.bindTo(builder).build();
        server.expect(header("Fencing-Token", "1"))
                .andExpect(header("Lock-Name", "ledger%3A42"))
                .andRespond(withSuccess());
        RestClient client = builder.build();

        runner.run(context -> context.getBean(Ledger.class).book("42", () -> get(client)));

        server.verify();
    }

    @Test
    void aRestTemplateSendsItToo() {
        RestTemplate template = new RestTemplate();
        template.getInterceptors().add(FencingInterceptor.required());
        MockRestServiceServer server = MockRestServiceServer.bindTo(template).build();
        server.expect(header("Fencing-Token", "1")).andRespond(withSuccess());

        runner.run(context ->
                context.getBean(Ledger.class).book("42", () -> template.getForEntity("/accounts", String.class)));

        server.verify();
    }

    @Test
    void ofNestedLocksTheInnermostIsSent() {
        RestClient.Builder builder = RestClient.builder().requestInterceptor(FencingInterceptor.ifLocked());
        MockRestServiceServer server = MockRestServiceServer.bindTo(builder).build();
        server.expect(header("Lock-Name", "ledger%3A2"))
                .andExpect(header("Fencing-Token", "2"))
                .andRespond(withSuccess());
        RestClient client = builder.build();

        runner.run(context -> {
            Ledger ledger = context.getBean(Ledger.class);
            ledger.book("1", () -> ledger.book("2", () -> get(client)));
        });

        server.verify();
    }

    @Test
    void withoutALockTheRequestIsSentAsItIs() {
        RestClient.Builder builder = RestClient.builder().requestInterceptor(FencingInterceptor.ifLocked());
        MockRestServiceServer server = MockRestServiceServer.bindTo(builder).build();
        server.expect(headerDoesNotExist("Fencing-Token"))
                .andExpect(headerDoesNotExist("Lock-Name"))
                .andRespond(withSuccess());

        get(builder.build());

        server.verify();
    }

    @Test
    void whereATokenIsRequiredNothingIsSentWithoutALock() {
        RestClient.Builder builder = RestClient.builder().requestInterceptor(FencingInterceptor.required());
        MockRestServiceServer server = MockRestServiceServer.bindTo(builder).build();
        RestClient client = builder.build();

        assertThatIllegalStateException()
                .isThrownBy(() -> get(client))
                .withMessageContaining("GET /accounts")
                .withMessageContaining("@DistributedLock");

        server.verify();
    }

    @Test
    void whereATokenIsRequiredNothingIsSentAfterALoss() {
        RestClient.Builder builder = RestClient.builder().requestInterceptor(FencingInterceptor.required());
        MockRestServiceServer server = MockRestServiceServer.bindTo(builder).build();
        RestClient client = builder.build();

        runner.run(context -> context.getBean(Ledger.class).book("42", () -> {
            context.getBean(FakeLockRegistry.class).lose("ledger:42");
            assertThatExceptionOfType(LockLostException.class).isThrownBy(() -> get(client));
        }));

        server.verify();
    }

    @Test
    void whereATokenIsRequiredNothingIsSentAfterTheLossOfALockAround() {
        RestClient.Builder builder = RestClient.builder().requestInterceptor(FencingInterceptor.required());
        MockRestServiceServer server = MockRestServiceServer.bindTo(builder).build();
        RestClient client = builder.build();

        runner.run(context -> {
            Ledger ledger = context.getBean(Ledger.class);
            assertThatExceptionOfType(LockLostException.class)
                    .isThrownBy(() -> ledger.close(() -> {
                        context.getBean(FakeLockRegistry.class).lose("closing");
                        ledger.book("42", () -> get(client));
                    }));
        });

        server.verify();
    }

    @Test
    void oneHeaderCannotTellTheTokensOfSeveralLocks() {
        RestClient.Builder builder = RestClient.builder().requestInterceptor(FencingInterceptor.ifLocked());
        MockRestServiceServer server = MockRestServiceServer.bindTo(builder).build();
        RestClient client = builder.build();

        runner.run(context -> {
            Ledger ledger = context.getBean(Ledger.class);
            ledger.book(
                    "1",
                    () -> ledger.move(
                            List.of("1", "2"),
                            () -> assertThatIllegalStateException()
                                    .isThrownBy(() -> get(client))
                                    .withMessageContaining("several locks")
                                    .withMessageContaining("'ledger:1'")));
        });

        server.verify();
    }

    @Test
    void otherwiseTheReceiverDecidesAfterALoss() {
        RestClient.Builder builder = RestClient.builder().requestInterceptor(FencingInterceptor.ifLocked());
        MockRestServiceServer server = MockRestServiceServer.bindTo(builder).build();
        server.expect(header("Fencing-Token", "1")).andRespond(withSuccess());
        RestClient client = builder.build();

        runner.run(context -> context.getBean(Ledger.class).book("42", () -> {
            context.getBean(FakeLockRegistry.class).lose("ledger:42");
            get(client);
        }));

        server.verify();
    }

    private static void get(RestClient client) {
        client.get().uri("/accounts").retrieve().toBodilessEntity();
    }

    static class Ledger {

        @DistributedLock(name = "closing", onLost = OnLost.THROW)
        public void close(Runnable body) {
            body.run();
        }

        @DistributedLock(name = "ledger", key = "#accounts")
        public void move(List<String> accounts, Runnable body) {
            body.run();
        }

        @DistributedLock(name = "ledger", key = "#account", onLost = OnLost.NOTIFY)
        public void book(String account, Runnable body) {
            assertThat(LockContext.find()).isPresent();
            body.run();
        }
    }

    @Configuration(proxyBeanMethods = false)
    @EnableDistributedLocks
    static class Locks {

        @Bean
        FakeLockRegistry locks() {
            return new FakeLockRegistry();
        }

        @Bean
        Ledger ledger() {
            return new Ledger();
        }
    }
}
