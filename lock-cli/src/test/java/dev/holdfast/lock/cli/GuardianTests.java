package dev.holdfast.lock.cli;

import static dev.holdfast.lock.cli.Program.await;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What becomes of commands when the pipe to the guardian breaks, as it does when the wrapper is killed. */
class GuardianTests {

    private static final String LEASE =
            UUID.randomUUID().toString().replace("-", "").substring(16);
    private static final String KEY = "locks/job/" + LEASE;

    private final Process command = start(KEY);
    private final Process bystander = start(KEY + "0");

    @AfterEach
    void end() {
        command.destroyForcibly();
        bystander.destroyForcibly();
    }

    @Test
    void oneThatWasExpectedIsFoundByItsEnvironmentAndEnded() throws Exception {
        guardianTold("expect " + LEASE + "\n").waitFor();

        await().until(() -> !command.isAlive());
        assertThat(bystander.isAlive()).isTrue();
    }

    @Test
    void oneThatWasTakenOverFromUsIsLeftAlone() throws Exception {
        guardianTold("expect " + LEASE + "\ndone\n").waitFor();

        assertThat(command.isAlive()).isTrue();
    }

    @Test
    void onceTheProcessIsKnownNoOtherIsLookedFor() throws Exception {
        guardianTold("expect " + LEASE + "\nwatch " + bystander.pid() + "\n").waitFor();

        await().until(() -> !bystander.isAlive());
        assertThat(command.isAlive()).isTrue();
    }

    private static Process guardianTold(String lines) throws Exception {
        Process guardian = Guardian.process(Duration.ofSeconds(1)).start();
        try (OutputStream pipe = guardian.getOutputStream()) {
            pipe.write(lines.getBytes(StandardCharsets.US_ASCII));
        }
        return guardian;
    }

    private static Process start(String key) {
        ProcessBuilder builder = new ProcessBuilder(List.of("sleep", "60"));
        builder.environment().put("HOLDFAST_LOCK_KEY", key);
        try {
            return builder.start();
        } catch (java.io.IOException failed) {
            throw new java.io.UncheckedIOException(failed);
        }
    }
}
