package dev.holdfast.sample;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.holdfast.lock.FencedException;
import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.LockRegistry;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.webmvc.test.autoconfigure.AutoConfigureMockMvc;
import org.springframework.http.MediaType;
import org.springframework.test.web.servlet.assertj.MockMvcTester;
import org.springframework.test.web.servlet.assertj.MvcTestResult;
import tools.jackson.databind.json.JsonMapper;

/** The service with locks inside this process: no etcd needed. */
@SpringBootTest(
        properties = {
            "holdfast.store=memory",
            "spring.datasource.url=jdbc:h2:mem:tickets",
            "sample.payment-time=1ms",
            "sample.booking.wait-time=0s",
            "sample.settlement-schedule=-"
        })
@AutoConfigureMockMvc
class TicketControllerTests {

    private final MockMvcTester http;
    private final LockRegistry locks;
    private final TicketStore store;
    private final SettlementJob job;
    private final SettlementStore settlements;
    private final JsonMapper json = JsonMapper.shared();
    private long event;

    @Autowired
    TicketControllerTests(
            MockMvcTester http, LockRegistry locks, TicketStore store, SettlementJob job, SettlementStore settlements) {
        this.http = http;
        this.locks = locks;
        this.store = store;
        this.job = job;
        this.settlements = settlements;
    }

    @BeforeEach
    void putOnSale() {
        event = store.create("Concert", 2, 4000).id();
    }

    @Test
    void anEventIsCreatedAndShown() {
        MvcTestResult created = post("/events", "{\"title\": \"Play\", \"seats\": 5, \"price\": 1000}");
        assertThat(created).hasStatus(201);
        assertThat(created).bodyJson().extractingPath("$.oversold").isEqualTo(0);
        assertThat(http.get().uri("/events/" + event))
                .bodyJson()
                .extractingPath("$.seats")
                .isEqualTo(2);
    }

    @Test
    void laterTicketsCarryHigherTokens() {
        assertThat(token(book())).isPositive().isLessThan(token(book()));
    }

    @Test
    void thereAreNoMoreTicketsThanSeats() {
        book();
        book();
        assertProblem(book(), 409, "sold-out");
        assertThat(store.sales(event).sold()).isEqualTo(2);
    }

    @Test
    void withoutTheLockTicketsHaveNoToken() {
        assertThat(token(post("/events/" + event + "/bookings?locked=false", "{\"customer\": \"ann\"}")))
                .isZero();
    }

    @Test
    void aBusyEventIsAConflict() throws InterruptedException {
        try (LockHandle other = locks.lock("booking:event:" + event).acquire()) {
            assertThat(other.isHeld()).isTrue();
            assertProblem(book(), 409, "busy");
        }
        assertThat(book()).hasStatus(201);
    }

    @Test
    void aSellerOvertakenByALaterOneWritesNothing() {
        store.addFenced(ticket("later", 8));
        assertThatExceptionOfType(FencedException.class).isThrownBy(() -> store.addFenced(ticket("earlier", 7)));
        assertThat(store.sales(event).sold()).isEqualTo(1);
    }

    @Test
    void wrongRequestsAreToldSo() {
        assertProblem(
                post("/events/" + event + "/bookings", "{\"customer\": \"ann\", \"paymentMillis\": -1}"),
                400,
                "invalid");
        assertProblem(post("/events/999999/bookings", "{\"customer\": \"ann\"}"), 404, "unknown");
    }

    @Test
    void aPeriodIsSettledOnceAndNotWhileAnotherInstanceDoes() throws InterruptedException {
        try (LockHandle other = locks.lock("settlement").acquire()) {
            assertThat(other.isHeld()).isTrue();
            job.settle();
            assertThat(settlements.latest()).isEmpty();
        }
        job.settle();
        job.settle();
        assertThat(settlements.latest()).hasSize(1);
    }

    private Ticket ticket(String id, long fence) {
        return new Ticket(id + "-" + event, event, "ann", 4000, "test", fence, 0);
    }

    private MvcTestResult book() {
        return post("/events/" + event + "/bookings", "{\"customer\": \"ann\"}");
    }

    private MvcTestResult post(String uri, String body) {
        return http.post()
                .uri(uri)
                .contentType(MediaType.APPLICATION_JSON)
                .content(body)
                .exchange();
    }

    private long token(MvcTestResult result) {
        assertThat(result).hasStatus(201);
        byte[] body = result.getResponse().getContentAsByteArray();
        return json.readTree(body).path("fence").asLong();
    }

    private void assertProblem(MvcTestResult result, int status, String reason) {
        assertThat(result).hasStatus(status).hasContentTypeCompatibleWith(MediaType.APPLICATION_PROBLEM_JSON);
        assertThat(result).bodyJson().extractingPath("$.reason").isEqualTo(reason);
    }
}
