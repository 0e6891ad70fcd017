package dev.holdfast.sample.trial;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.lock.LockRegistry;
import dev.holdfast.sample.SampleApplication;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.webmvc.test.autoconfigure.AutoConfigureMockMvc;
import org.springframework.test.web.servlet.assertj.MockMvcTester;

/** As the sample is started without more: one may look, and no more. */
@SpringBootTest(
        classes = SampleApplication.class,
        properties = {"holdfast.store=memory", "spring.datasource.url=jdbc:h2:mem:trial", "sample.settlement-schedule=-"
        })
@AutoConfigureMockMvc
class TrialControllerTests {

    private final MockMvcTester http;
    private final LockRegistry locks;

    @Autowired
    TrialControllerTests(MockMvcTester http, LockRegistry locks) {
        this.http = http;
        this.locks = locks;
    }

    @ParameterizedTest
    @ValueSource(strings = {"events?locked=true", "bookings?event=1", "hammer?event=1&locked=true", "crash", "freeze"})
    void theButtonsAreOffUnlessTurnedOn(String button) {
        assertThat(http.post().uri("/trial/" + button))
                .hasStatus(403)
                .bodyJson()
                .extractingPath("$.detail")
                .asString()
                .contains("sample.page.controls=true");
    }

    @Test
    void thePageAndItsChartsAreServedFromHere() {
        assertThat(http.get().uri("/")).hasStatusOk().hasForwardedUrl("index.html");
        assertThat(http.get().uri("/index.html")).hasStatusOk().bodyText().contains("webjars/chart.js/dist");
        assertThat(http.get().uri("/webjars/chart.js/dist/chart.umd.min.js")).hasStatusOk();
    }

    @Test
    void thePictureShowsWhatOthersHold() throws InterruptedException {
        try (var held = locks.lock("report").acquire()) {
            assertThat(http.get().uri("/page/picture"))
                    .hasStatusOk()
                    .bodyJson()
                    .extractingPath("$.locks[0].holders[0].token")
                    .asNumber()
                    .isEqualTo((int) held.fencingToken());
        }
    }
}
