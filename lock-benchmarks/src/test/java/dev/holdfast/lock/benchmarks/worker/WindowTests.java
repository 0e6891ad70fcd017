package dev.holdfast.lock.benchmarks.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class WindowTests {

    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    private final Assignment assignment = new Assignment(
            Assignment.Task.HOLD, "holdfast", "", List.of(), "", 0, 1, false, false, "", 0, 1, 0, 1_000, "");

    @Test
    void whoComesAfterTheWindowHasSeenNothing() {
        long now = System.nanoTime();
        Window.Cpu cpu = new Window(now - 3 * SECOND, now - 2 * SECOND, now - SECOND).measureCpu(assignment);
        assertThat(cpu.clientSeconds()).isNaN();
        assertThat(cpu.serverSeconds()).isNaN();
    }

    @Test
    void whoNeedNotKeepToACommonTimeSeesAllOfIt() {
        long now = System.nanoTime();
        Window late = new Window(now - SECOND, now - SECOND, now - SECOND / 2).fromNow();
        assertThat(late.end() - late.begin()).isEqualTo(SECOND / 2);
        assertThat(late.begin() - now).isNotNegative();
    }
}
