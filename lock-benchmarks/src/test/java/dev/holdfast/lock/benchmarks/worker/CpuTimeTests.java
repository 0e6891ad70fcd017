package dev.holdfast.lock.benchmarks.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class CpuTimeTests {

    @Test
    void aNameMayHoldBlanksAndParentheses() {
        String line = "42 (a) b (c)) S 7 42 42 0 -1 4194560 100 200 0 0 11 22 33 44 20 0 1 0 5 6 7";
        assertThat(CpuTime.Stat.parse(line)).isEqualTo(new CpuTime.Stat(7, 11 + 22 + 33 + 44));
    }

    @Test
    void workIsSeen() {
        List<Long> self = List.of(ProcessHandle.current().pid());
        double before = CpuTime.seconds(self);
        long end = 400_000_000L;
        long sum = 0;
        for (long i = 0; i < end; i++) {
            sum += i ^ (sum << 1);
        }
        assertThat(sum).isNotZero();
        assertThat(CpuTime.seconds(self)).isGreaterThan(before);
    }

    @Test
    void aProcessThatIsGoneHasNone() {
        assertThat(CpuTime.seconds(List.of(Long.MAX_VALUE))).isZero();
    }
}
