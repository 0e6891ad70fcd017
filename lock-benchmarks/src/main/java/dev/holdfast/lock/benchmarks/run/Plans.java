package dev.holdfast.lock.benchmarks.run;

import static dev.holdfast.lock.benchmarks.subject.SubjectKind.CURATOR;
import static dev.holdfast.lock.benchmarks.subject.SubjectKind.ETCDCTL_LOCK;
import static dev.holdfast.lock.benchmarks.subject.SubjectKind.ETCDCTL_PUT;
import static dev.holdfast.lock.benchmarks.subject.SubjectKind.HOLDFAST;
import static dev.holdfast.lock.benchmarks.subject.SubjectKind.HOLDFAST_ASYNC;
import static dev.holdfast.lock.benchmarks.subject.SubjectKind.HOLDFAST_CLI;
import static dev.holdfast.lock.benchmarks.subject.SubjectKind.HOLDFAST_NO_BATCHING;
import static dev.holdfast.lock.benchmarks.subject.SubjectKind.HOLDFAST_NO_HAND_OVER;
import static dev.holdfast.lock.benchmarks.subject.SubjectKind.JETCD_LEASE;
import static dev.holdfast.lock.benchmarks.subject.SubjectKind.JETCD_SHARED;
import static dev.holdfast.lock.benchmarks.subject.SubjectKind.RAW_PUT;
import static dev.holdfast.lock.benchmarks.subject.SubjectKind.REDISSON;
import static dev.holdfast.lock.benchmarks.subject.SubjectKind.REDISSON_FAIR;
import static dev.holdfast.lock.benchmarks.subject.SubjectKind.REDISSON_FSYNC;
import static dev.holdfast.lock.benchmarks.subject.SubjectKind.SHEDLOCK_JDBC;
import static dev.holdfast.lock.benchmarks.subject.SubjectKind.SHEDLOCK_REDIS;
import static dev.holdfast.lock.benchmarks.subject.SubjectKind.SPRING_JDBC;
import static dev.holdfast.lock.benchmarks.subject.SubjectKind.SPRING_REDIS;
import static dev.holdfast.lock.benchmarks.subject.SubjectKind.SPRING_REDIS_FSYNC;

import dev.holdfast.lock.benchmarks.run.Setting.Pace;
import dev.holdfast.lock.benchmarks.worker.Assignment.Task;
import java.util.ArrayList;
import java.util.List;

/** What the full run and the quick run measure. The times here are what keeps them under 40 and 4 minutes. */
final class Plans {

    static final WarmUp FULL_WARM_UP = WarmUp.seconds(8, 25);
    static final WarmUp QUICK_WARM_UP = WarmUp.seconds(3, 3);

    private static final Pace STEADY = Pace.millis(300, 1_500);
    private static final Pace HASTY = Pace.millis(300, 1_000);

    /** A lone thread runs code that many threads together seldom do. */
    private static final Pace LONE = Pace.millis(800, 1_500);

    private static final Pace LONE_HASTY = Pace.millis(700, 1_000);

    /** Renewals come every 5 s with the default TTL, so windows are multiples of that. */
    private static final Pace QUIET = Pace.millis(1_000, 15_000);

    private static final Pace QUIET_HASTY = Pace.millis(500, 5_000);

    private Plans() {}

    static List<Block> full() {
        List<Block> blocks = new ArrayList<>();
        fullUncontended(blocks);
        fullContended(blocks);
        fullGrowth(blocks);
        fullAmounts(blocks);
        return blocks;
    }

    static List<Block> quick() {
        return List.of(
                Block.of(
                        uncontended(1, LONE_HASTY),
                        1,
                        RAW_PUT,
                        HOLDFAST,
                        HOLDFAST_ASYNC,
                        JETCD_SHARED,
                        REDISSON,
                        CURATOR),
                Block.of(
                        uncontended(64, HASTY),
                        1,
                        RAW_PUT,
                        HOLDFAST,
                        HOLDFAST_ASYNC,
                        JETCD_SHARED,
                        REDISSON,
                        CURATOR,
                        SPRING_JDBC),
                Block.of(uncontended(64, HASTY).withVirtualThreads(), 1, HOLDFAST, REDISSON),
                Block.of(oneJvm(64, HASTY), 1, HOLDFAST, REDISSON, JETCD_LEASE),
                Block.of(across(2, 1, LONE_HASTY), 1, HOLDFAST, REDISSON, CURATOR, JETCD_LEASE),
                Block.of(across(2, 8, HASTY), 1, HOLDFAST, REDISSON),
                Block.of(share(HASTY), 1, HOLDFAST),
                Block.of(Setting.amount(Scenario.HELD, Task.HOLD, 0, 1, QUIET_HASTY), 1, HOLDFAST),
                Block.of(Setting.amount(Scenario.HELD, Task.HOLD, 0, 10_000, QUIET_HASTY), 1, HOLDFAST),
                Block.of(
                        Setting.amount(Scenario.WAITING, Task.WAIT, 5_000, 5_000, Pace.millis(500, 2_000)),
                        1,
                        HOLDFAST),
                Block.of(queue(1, HASTY), 1, HOLDFAST),
                Block.of(queue(10, HASTY), 1, HOLDFAST),
                Block.of(names(100, 1, HASTY), 1, HOLDFAST),
                Block.of(uncontended(64, HASTY).withNodes(3), 1, RAW_PUT, HOLDFAST),
                Block.of(processStart(), 1, ETCDCTL_LOCK, HOLDFAST_CLI));
    }

    private static void fullUncontended(List<Block> blocks) {
        for (int threads : new int[] {1, 64}) {
            blocks.add(Block.of(
                    uncontended(threads, threads == 1 ? LONE : STEADY),
                    3,
                    RAW_PUT,
                    HOLDFAST,
                    HOLDFAST_ASYNC,
                    HOLDFAST_NO_BATCHING,
                    JETCD_SHARED,
                    REDISSON,
                    REDISSON_FSYNC,
                    CURATOR));
            blocks.add(Block.of(
                    uncontended(threads, threads == 1 ? LONE : STEADY),
                    2,
                    JETCD_LEASE,
                    SPRING_REDIS,
                    SPRING_REDIS_FSYNC,
                    SPRING_JDBC,
                    SHEDLOCK_REDIS,
                    SHEDLOCK_JDBC));
        }
        for (int threads : new int[] {8, 256}) {
            blocks.add(Block.of(
                    uncontended(threads, STEADY), 3, RAW_PUT, HOLDFAST, HOLDFAST_ASYNC, JETCD_SHARED, REDISSON));
        }
        for (int threads : new int[] {64, 256}) {
            blocks.add(Block.of(
                    uncontended(threads, STEADY).withVirtualThreads(),
                    3,
                    RAW_PUT,
                    HOLDFAST,
                    HOLDFAST_ASYNC,
                    JETCD_SHARED,
                    REDISSON));
            blocks.add(Block.of(uncontended(threads, STEADY).withNodes(3), 1, RAW_PUT, HOLDFAST));
        }
        blocks.add(Block.of(uncontended(1, LONE).withNodes(3), 2, RAW_PUT, HOLDFAST, HOLDFAST_ASYNC));
    }

    private static void fullContended(List<Block> blocks) {
        blocks.add(Block.of(
                oneJvm(8, STEADY), 1, HOLDFAST, HOLDFAST_NO_HAND_OVER, REDISSON, SPRING_REDIS, CURATOR, JETCD_LEASE));
        blocks.add(Block.of(
                oneJvm(64, STEADY),
                3,
                HOLDFAST,
                HOLDFAST_NO_HAND_OVER,
                REDISSON,
                REDISSON_FAIR,
                SPRING_REDIS,
                SPRING_JDBC,
                CURATOR,
                JETCD_LEASE));
        for (int threads : new int[] {8, 64}) {
            blocks.add(Block.of(oneJvm(threads, STEADY).withVirtualThreads(), 3, HOLDFAST, REDISSON));
        }
        blocks.add(Block.of(
                across(2, 1, LONE),
                3,
                HOLDFAST,
                HOLDFAST_NO_HAND_OVER,
                REDISSON,
                REDISSON_FAIR,
                SPRING_REDIS,
                SPRING_JDBC,
                CURATOR,
                JETCD_LEASE));
        for (int jvms : new int[] {2, 4}) {
            blocks.add(Block.of(
                    across(jvms, 8, STEADY),
                    3,
                    HOLDFAST,
                    HOLDFAST_NO_HAND_OVER,
                    REDISSON,
                    REDISSON_FAIR,
                    CURATOR,
                    JETCD_LEASE));
        }
        blocks.add(Block.of(share(STEADY), 2, HOLDFAST, REDISSON, REDISSON_FAIR, CURATOR));
    }

    private static void fullGrowth(List<Block> blocks) {
        for (int waiters : new int[] {1, 3, 10, 30, 100}) {
            blocks.add(Block.of(queue(waiters, STEADY), 1, HOLDFAST, CURATOR, JETCD_LEASE));
        }
        // 1,000 sessions in a JVM need more of two cores for their connections and renewals than there is.
        blocks.add(Block.of(queue(300, STEADY), 1, HOLDFAST));
        for (int waiters : new int[] {1, 10, 100, 1_000}) {
            blocks.add(Block.of(queueInJvm(waiters, STEADY), 1, HOLDFAST, REDISSON));
        }
        for (int jvms : new int[] {1, 2, 4}) {
            for (int names : new int[] {1, 10, 100, 1_000, 10_000}) {
                blocks.add(Block.of(names(names, jvms, STEADY), 1, HOLDFAST));
            }
            blocks.add(Block.of(names(1_000, jvms, STEADY), 1, REDISSON));
        }
    }

    private static void fullAmounts(List<Block> blocks) {
        for (int held : new int[] {1, 1_000}) {
            blocks.add(Block.of(Setting.amount(Scenario.HELD, Task.HOLD, 0, held, QUIET), 1, HOLDFAST));
        }
        blocks.add(Block.of(
                Setting.amount(Scenario.HELD, Task.HOLD, 0, 10_000, QUIET),
                1,
                HOLDFAST,
                JETCD_SHARED,
                REDISSON,
                CURATOR));
        Pace waiting = Pace.millis(500, 6_000);
        blocks.add(Block.of(Setting.amount(Scenario.WAITING, Task.WAIT, 5_000, 5_000, waiting), 2, HOLDFAST, REDISSON));
        blocks.add(Block.of(
                Setting.amount(Scenario.WAITING_ONE_NAME, Task.WAIT, 1, 5_000, waiting), 2, HOLDFAST, REDISSON));
        blocks.add(Block.of(processStart(), 3, ETCDCTL_PUT, ETCDCTL_LOCK, HOLDFAST_CLI));
    }

    private static Setting uncontended(int threads, Pace pace) {
        return Setting.cycles(Scenario.UNCONTENDED, 1, threads, pace);
    }

    private static Setting oneJvm(int threads, Pace pace) {
        return Setting.cycles(Scenario.ONE_JVM, 1, threads, pace).withNames(1);
    }

    private static Setting across(int jvms, int threads, Pace pace) {
        return Setting.cycles(Scenario.ACROSS_JVMS, jvms, threads, pace).withNames(1);
    }

    private static Setting share(Pace pace) {
        return Setting.cycles(Scenario.SHARE, 2, 8, pace).withNames(1).withThreads(List.of(1, 8));
    }

    private static Setting queue(int waiters, Pace pace) {
        return Setting.cycles(Scenario.QUEUE_LENGTH, 1, waiters + 1, pace)
                .withNames(1)
                .withSessionPerThread();
    }

    private static Setting queueInJvm(int waiters, Pace pace) {
        return Setting.cycles(Scenario.QUEUE_LENGTH_JVM, 1, waiters + 1, pace).withNames(1);
    }

    private static Setting names(int names, int jvms, Pace pace) {
        return Setting.cycles(Scenario.NAMES, jvms, 64 / jvms, pace).withNames(names);
    }

    private static Setting processStart() {
        return Setting.cycles(Scenario.PROCESS_START, 1, 1, Pace.millis(200, 2_000));
    }
}
