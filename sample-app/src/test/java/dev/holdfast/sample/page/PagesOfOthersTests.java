package dev.holdfast.sample.page;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.sample.SampleApplication;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.webmvc.test.autoconfigure.AutoConfigureMockMvc;
import org.springframework.test.web.servlet.assertj.MockMvcTester;

/** Where the pages of no other instance are allowed. */
@SpringBootTest(
        classes = SampleApplication.class,
        properties = {
            "holdfast.store=memory",
            "spring.datasource.url=jdbc:h2:mem:origins",
            "sample.page.controls=true",
            "sample.page.allowed-origins=",
            "sample.settlement-schedule=-"
        })
@AutoConfigureMockMvc
class PagesOfOthersTests {

    private final MockMvcTester http;

    @Autowired
    PagesOfOthersTests(MockMvcTester http) {
        this.http = http;
    }

    @Test
    void noneMeansNone() {
        assertThat(http.post().uri("/trial/events?locked=true").header("Origin", "https://example.org"))
                .hasStatus(403);
        assertThat(http.get().uri("/page/picture").header("Origin", "http://localhost:8081"))
                .hasStatus(403);
        assertThat(http.get().uri("/page/picture")).hasStatusOk();
    }
}
