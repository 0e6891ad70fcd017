package dev.holdfast.lock.benchmarks.run;

import dev.holdfast.lock.benchmarks.run.Setting.Pace;
import dev.holdfast.lock.benchmarks.worker.Assignment.Task;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;

/**
 * How long JVMs work before they are measured: step by step, until some steps bring hardly more than as many before them, and
 * nothing is new to the JIT compiler, which takes half a minute and more on a machine with two busy cores.
 *
 * @param least however even the steps are
 * @param most however uneven they are
 */
record WarmUp(Duration least, Duration most) {

    static final Duration STEP = Duration.ofMillis(500);

    /** What begins and ends a step. */
    private static final Duration BETWEEN = Duration.ofMillis(120);

    private static final int MOST_THREADS = 64;
    private static final double NEARLY = 0.03;

    /** Steps that are compared: one alone says little on a machine that others use too. */
    private static final int SOME = 4;

    /** Code that ran less often is not compiled for good: the compiler's last tier begins at some thousand calls. */
    private static final long MANY = 10_000;

    /** Cycles come by chance; so many standard deviations of their number are no difference. */
    private static final double CHANCE = 2;

    static WarmUp seconds(int least, int most) {
        return new WarmUp(Duration.ofSeconds(least), Duration.ofSeconds(most));
    }

    /** Whether it is a setting whose figures depend on how warm the JVMs are. */
    static boolean needed(Setting setting) {
        return setting.task() == Task.CYCLE && setting.scenario() != Scenario.PROCESS_START;
    }

    /**
     * One step for settings that use names alike: with the most threads of them, up to 64.
     *
     * @param alike never empty
     */
    static Setting step(List<Setting> alike) {
        Setting most =
                alike.stream().max(Comparator.comparingInt(Setting::allThreads)).orElseThrow();
        int each = MOST_THREADS / most.jvms();
        return most.withThreads(most.threads().stream()
                        .map(threads -> Math.min(threads, each))
                        .toList())
                .withPace(new Pace(Duration.ZERO, STEP));
    }

    /**
     * @param cycles of the steps so far
     * @param taken which is more than the steps have measured, by far on a busy machine
     */
    boolean done(List<Long> cycles, Duration taken) {
        if (taken.compareTo(most) >= 0) {
            return true;
        }
        int size = cycles.size();
        if (size < 2 * SOME || STEP.multipliedBy(size).compareTo(least) < 0 || sum(cycles) < MANY) {
            return false;
        }
        long last = sum(cycles.subList(size - SOME, size));
        long before = sum(cycles.subList(size - 2 * SOME, size - SOME));
        double chance = CHANCE * Math.sqrt(last + before);
        return last > 0 && last - before < Math.max(NEARLY * before, chance);
    }

    private static long sum(List<Long> cycles) {
        return cycles.stream().mapToLong(Long::longValue).sum();
    }

    /** How long one takes by the plan: in the middle between least and most. */
    Duration expected() {
        return STEP.plus(BETWEEN).multipliedBy(least.plus(most).dividedBy(STEP) / 2);
    }
}
