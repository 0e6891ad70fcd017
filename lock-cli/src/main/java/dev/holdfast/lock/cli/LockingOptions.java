package dev.holdfast.lock.cli;

import dev.holdfast.lock.LockOptions;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How a lock is taken and kept, for the commands that take one. */
final class LockingOptions {

    @Option(
            names = "--ttl",
            paramLabel = "DURATION",
            description = "how long the lock outlives us if we die (default: 10s; 5s to 300s)")
    private Duration ttl = Duration.ofSeconds(10);

    @Option(
            names = "--wait",
            paramLabel = "DURATION",
            description = "how long to wait at most (default: without limit)")
    private @Nullable Duration wait;

    @Option(names = "--try", description = "do not wait")
    private boolean once;

    Duration ttl() {
        return ttl;
    }

    LockOptions lockOptions() {
        return LockOptions.defaults().withTtl(ttl);
    }

    /** Throws if it is said how long to wait, to a command that takes no lock with that option. */
    void refuseWait(String option) {
        if (once || wait != null) {
            throw CliException.usage(option + " waits for nothing, but --" + (once ? "try" : "wait")
                    + " is given too; leave out one of them");
        }
    }

    Duration patience() {
        if (once && wait != null && !wait.isZero()) {
            throw CliException.usage("--try means no wait, but --wait is given too; leave out one of them");
        }
        return once ? Duration.ZERO : wait == null ? DurationConverter.LONGEST : wait;
    }
}
