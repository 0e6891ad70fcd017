package dev.holdfast.lock.benchmarks.report;

import dev.holdfast.lock.benchmarks.report.Goal.Quantity;
import java.util.function.Function;

/**
 * Go's {@code concurrency.Mutex}, or what stands for it where no Go toolchain was: jetcd's Lock on a shared lease, times what Go was
 * better when both were measured side by side. The factors differ with the load; where in doubt it is the one that makes our goal
 * harder.
 */
enum GoMutex {
    UP_TO_64_THREADS(1.55),
    AT_256_THREADS(1.70),
    LATENCY(1 / 1.55),
    CPU(1 / 1.61);

    private final double factor;

    GoMutex(double factor) {
        this.factor = factor;
    }

    /** @param of the quantity of a subject */
    Quantity quantity(Function<String, Quantity> of) {
        return (run, platform) -> {
            Measured go = of.apply(Subject.GO_MUTEX.id()).in(run, platform);
            if (go instanceof Measured.Value) {
                return go;
            }
            return of.apply(Subject.JETCD_LOCK_SHARED.id())
                    .in(run, platform)
                    .map(figure -> figure * factor)
                    .remark("Go derived: jetcd-lock-shared x " + Figures.plain(factor));
        };
    }
}
