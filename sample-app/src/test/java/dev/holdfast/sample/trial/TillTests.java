package dev.holdfast.sample.trial;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import dev.holdfast.lock.FencedException;
import dev.holdfast.sample.SampleApplication;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.boot.webmvc.test.autoconfigure.AutoConfigureMockMvc;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.test.web.servlet.assertj.MockMvcTester;
import org.springframework.test.web.servlet.assertj.MvcTestResult;
import tools.jackson.databind.json.JsonMapper;

/** With the buttons on, and locks inside this process. */
@SpringBootTest(
        classes = SampleApplication.class,
        properties = {
            "holdfast.store=memory",
            "spring.datasource.url=jdbc:h2:mem:till",
            "sample.instance=test",
            "sample.payment-time=1ms",
            "sample.page.controls=true",
            "sample.page.hammer=60s",
            "sample.settlement-schedule=-"
        })
@AutoConfigureMockMvc
@ExtendWith(OutputCaptureExtension.class)
class TillTests {

    private final Till till;
    private final JdbcClient jdbc;
    private final MockMvcTester http;
    private final JsonMapper json = JsonMapper.shared();

    @Autowired
    TillTests(Till till, JdbcClient jdbc, MockMvcTester http) {
        this.till = till;
        this.jdbc = jdbc;
        this.http = http;
    }

    @Test
    void theTillIsCountedTurnByTurnWithGrowingTokens() {
        await().until(() -> till.last().isPresent());
        long first = till.last().orElseThrow().fence();
        await().until(() -> till.last().orElseThrow().fence() > first);
    }

    @Test
    void aFormerHolderWritesNothing() {
        await().until(() -> till.last().isPresent());
        TillCount last = till.last().orElseThrow();
        assertThatExceptionOfType(FencedException.class)
                .isThrownBy(() -> till.count(last.fence() - 1, true))
                .satisfies(refused -> assertThat(refused.seen()).isGreaterThanOrEqualTo(last.fence()));
    }

    @Test
    void whoCountedIsKeptForTheLastTwoHundredTurns() {
        await().until(() -> till.last().isPresent());
        long last = till.last().orElseThrow().fence();
        jdbc.sql("INSERT INTO till_turn (token, instance) SELECT -x, 'long ago' FROM SYSTEM_RANGE(1, 300)")
                .update();

        await().until(() -> till.last().orElseThrow().fence() > last);
        // The turn that was about to begin may have counted before the rows were there.
        await().untilAsserted(() -> assertThat(jdbc.sql("SELECT COUNT(*) FROM till_turn")
                        .query(Integer.class)
                        .single())
                .isEqualTo(200));
    }

    @Test
    void theTurnsGoOnWhenTheDatabaseIsBack(CapturedOutput output) {
        await().until(() -> till.last().isPresent());
        jdbc.sql("ALTER TABLE till RENAME TO till_away").update();
        try {
            await().until(() -> output.getOut().contains("The till was not counted"));
        } finally {
            jdbc.sql("ALTER TABLE till_away RENAME TO till").update();
        }
        long last = till.last().orElseThrow().fence();
        await().until(() -> till.last().orElseThrow().fence() > last);
    }

    @Test
    void ticketsAreSoldFromThePage() {
        long event = putOnSale();
        assertThat(http.post().uri("/trial/bookings?event=" + event))
                .hasStatus(201)
                .bodyJson()
                .extractingPath("$.instance")
                .isEqualTo("test");
        assertThat(http.get().uri("/page/picture"))
                .hasStatusOk()
                .bodyJson()
                .extractingPath("$.sales[?(@.id == " + event + ")].locked")
                .asArray()
                .containsExactly(1);
    }

    @Test
    void aSecondRushAtTheSameTimeIsRefused() {
        String rush = "/trial/hammer?event=" + putOnSale() + "&locked=false";
        assertThat(http.post().uri(rush)).hasStatus(202);
        assertThat(http.post().uri(rush))
                .hasStatus(409)
                .bodyJson()
                .extractingPath("$.detail")
                .asString()
                .contains("still at it");
    }

    @Test
    void nobodyRushesForAnEventThatIsNotThere() {
        assertThat(http.post().uri("/trial/hammer?event=999999&locked=true")).hasStatus(404);
    }

    @Test
    void onlyPagesOfInstancesMayPressTheButtons() {
        assertThat(http.post().uri("/trial/events?locked=true").header("Origin", "http://localhost:8081"))
                .hasStatus(201);
        assertThat(http.post().uri("/trial/crash").header("Origin", "https://example.org"))
                .hasStatus(403);
    }

    private long putOnSale() {
        MvcTestResult created = http.post().uri("/trial/events?locked=true").exchange();
        assertThat(created).hasStatus(201);
        return json.readTree(created.getResponse().getContentAsByteArray())
                .path("id")
                .asLong();
    }
}
