package dev.holdfast.lock.cli;

import static dev.holdfast.lock.cli.Program.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.holdfast.lock.LockHandle;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GuardedRunTests {

    private static final GracePeriod GRACE = new GracePeriod(Duration.ofSeconds(10), Duration.ofSeconds(5));

    @Test
    void nothingBeginsThatWouldHaveToEndAtOnce() throws Exception {
        AtomicInteger looks = new AtomicInteger();
        LockHandle handle = handle(() -> Duration.ofSeconds(looks.incrementAndGet() <= 3 ? 3 : 9));

        GuardedRun.awaitTime(handle, GRACE, new Signals());

        assertThat(looks).hasValue(4);
    }

    @Test
    void whatGoesWrongHereEndsTheCommand(@TempDir Path directory) throws Exception {
        LockHandle handle = handle(() -> {
            throw new IllegalStateException("broken");
        });
        Path pid = directory.resolve("pid");
        try (Guardian guardian = Guardian.start(GRACE.length())) {
            List<String> line = List.of("sh", "-c", "echo $$ > " + pid + "; exec sleep 60");
            Child child = Child.start(
                    line, Map.of("HOLDFAST_LOCK_KEY", "locks/job/" + UUID.randomUUID()), false, guardian, true);
            await().until(() -> Program.read(pid).endsWith("\n"));

            GuardedRun run = new GuardedRun(handle, child, GRACE, RunCommand.OnLost.kill, new Signals());
            assertThatIllegalStateException().isThrownBy(run::untilTheEnd).withMessage("broken");

            long command = Long.parseLong(Files.readString(pid).strip());
            assertThat(Program.exists(command)).isFalse();
        }
    }

    /** Held, with that much left. */
    private static LockHandle handle(Supplier<Duration> remaining) {
        return (LockHandle) Proxy.newProxyInstance(
                LockHandle.class.getClassLoader(), new Class<?>[] {LockHandle.class}, (proxy, method, args) -> {
                    return switch (method.getName()) {
                        case "isHeld" -> true;
                        case "ensureHeld" -> null;
                        case "remaining" -> remaining.get();
                        case "lost" -> new CompletableFuture<>();
                        default -> throw new UnsupportedOperationException(method.getName());
                    };
                });
    }
}
