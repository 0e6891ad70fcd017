package dev.holdfast.lock.spring.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.holdfast.lock.FencedException;
import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.spring.DistributedLock;
import dev.holdfast.lock.spring.OnLost;
import dev.holdfast.lock.spring.PausedHolder;
import dev.holdfast.lock.spring.jdbc.JdbcFence;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.core.io.ClassPathResource;
import org.springframework.http.HttpHeaders;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import org.springframework.jdbc.datasource.init.DatabasePopulatorUtils;
import org.springframework.jdbc.datasource.init.ResourceDatabasePopulator;
import org.springframework.transaction.support.TransactionTemplate;
import org.springframework.web.client.HttpClientErrorException;
import org.springframework.web.client.RestClient;

/** A holder that is paused before it calls another service, and what that service makes of the call. */
@Timeout(60)
class LateRequestTests {

    private final DriverManagerDataSource database =
            new DriverManagerDataSource("jdbc:h2:mem:" + UUID.randomUUID() + ";DB_CLOSE_DELAY=-1");
    private final TransactionTemplate transaction = new TransactionTemplate(new DataSourceTransactionManager(database));
    private final JdbcFence fence = new JdbcFence(database);
    private final List<String> payments = new CopyOnWriteArrayList<>();
    private HttpServer server;
    private String url;

    @BeforeEach
    void start() throws IOException {
        DatabasePopulatorUtils.execute(
                new ResourceDatabasePopulator(new ClassPathResource("dev/holdfast/lock/spring/jdbc/fence.sql")),
                database);
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/pay", this::pay);
        server.start();
        url = "http://127.0.0.1:" + server.getAddress().getPort() + "/pay";
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    @Test
    void theLateRequestOfAPausedHolderIsRefused() {
        RestClient client = RestClient.builder()
                .requestInterceptor(FencingInterceptor.ifLocked())
                .build();
        new ApplicationContextRunner()
                .withUserConfiguration(PausedHolder.Locks.class, Payroll.class)
                .run(context -> {
                    PausedHolder processes = context.getBean(PausedHolder.class);
                    Payroll payroll = context.getBean(Payroll.class);

                    payroll.run(() -> pay(client, "May"));
                    assertThatExceptionOfType(HttpClientErrorException.class)
                            .isThrownBy(() -> payroll.run(() -> {
                                LockHandle next = processes.takeOver("payroll");
                                RestClient.create()
                                        .post()
                                        .uri(url)
                                        .headers(FencingHeaders.of(next)::addTo)
                                        .body("June")
                                        .retrieve()
                                        .toBodilessEntity();
                                pay(client, "June");
                            }))
                            .satisfies(refused ->
                                    assertThat(refused.getStatusCode().value()).isEqualTo(412));
                });

        assertThat(payments).containsExactly("May", "June");
    }

    private void pay(RestClient client, String month) {
        client.post().uri(url).body(month).retrieve().toBodilessEntity();
    }

    /** As a controller does it: the token is compared in the transaction that writes. */
    private void pay(HttpExchange exchange) throws IOException {
        HttpHeaders headers = new HttpHeaders();
        exchange.getRequestHeaders().forEach(headers::put);
        String month = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
        FencingHeaders fencing = FencingHeaders.from(headers).orElse(null);
        int status = fencing == null ? 428 : 204;
        try {
            if (fencing != null) {
                transaction.executeWithoutResult(begun -> {
                    fence.advance(fencing.lockNames(), fencing.token());
                    payments.add(month);
                });
            }
        } catch (FencedException refused) {
            status = 412;
        }
        exchange.sendResponseHeaders(status, -1);
        exchange.close();
    }

    static class Payroll {

        @DistributedLock(name = "payroll", onLost = OnLost.NOTIFY)
        public void run(Runnable body) {
            body.run();
        }
    }
}
