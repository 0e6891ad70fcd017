package dev.holdfast.sample;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** Prometheus takes the alerts of docs/operations, and they fire when the file beside them says so. */
class AlertRulesTests {

    private static final Path OPERATIONS = Path.of("..", "docs", "operations");

    @Test
    void thePrometheusOfTheDocumentationReadsTheAlerts() throws Exception {
        assertThat(promtool("check", "config", "prometheus.yml")).contains("valid prometheus config", "rules found");
    }

    @Test
    void theAlertsFireWhenTheyShould() throws Exception {
        assertThat(promtool("test", "rules", "holdfast-alerts-tests.yml")).contains("SUCCESS");
    }

    private static String promtool(String command, String subject, String file) throws InterruptedException {
        try {
            Process promtool = new ProcessBuilder("promtool", command, subject, file)
                    .directory(OPERATIONS.toFile())
                    .redirectErrorStream(true)
                    .start();
            String output = new String(promtool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(promtool.waitFor()).as(output).isZero();
            return output;
        } catch (IOException missing) {
            throw new IllegalStateException(
                    "This test needs promtool on the PATH, a part of Prometheus: ./dev test fetches it on Debian and Ubuntu",
                    missing);
        }
    }
}
