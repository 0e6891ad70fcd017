package dev.holdfast.lock.benchmarks.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExclusionFileTests {

    @TempDir
    private Path directory;

    private ExclusionFile here;
    private ExclusionFile elsewhere;

    @BeforeEach
    void map() {
        Path file = directory.resolve("exclusion");
        here = new ExclusionFile(file, 4, 0);
        elsewhere = new ExclusionFile(file, 4, 1);
    }

    @Test
    void oneAfterTheOtherIsNoViolation() {
        assertThat(here.enter(2, 0)).isTrue();
        here.exit(2, 0, 1);
        assertThat(elsewhere.enter(2, 0)).isTrue();
        elsewhere.exit(2, 0, 2);
        assertThat(here.violations() + elsewhere.violations()).isZero();
    }

    @Test
    void twoThreadsInOneSectionAreSeen() {
        here.enter(2, 0);
        assertThat(here.enter(2, 1)).isFalse();
        assertThat(here.violations()).isEqualTo(1);
    }

    @Test
    void aSecondHolderThroughAnotherMappingIsSeen() {
        here.enter(2, 0);
        assertThat(elsewhere.enter(2, 0)).isFalse();
        assertThat(elsewhere.violations()).isEqualTo(1);
    }

    @Test
    void holdersOfDifferentNamesDoNotMeet() {
        assertThat(here.enter(1, 0)).isTrue();
        assertThat(elsewhere.enter(2, 0)).isTrue();
    }

    @Test
    void whoLeavesWhatItDoesNotHoldIsSeen() {
        here.enter(2, 0);
        elsewhere.exit(2, 0, 1);
        assertThat(elsewhere.violations()).isEqualTo(1);
    }

    @Test
    void theTimeOfAReleaseIsToldToTheOtherProcessOnly() {
        assertThat(here.releasedElsewhere(2)).isZero();
        here.enter(2, 0);
        here.exit(2, 0, 4711);
        assertThat(here.releasedElsewhere(2)).isZero();
        assertThat(elsewhere.releasedElsewhere(2)).isEqualTo(4711);
    }
}
