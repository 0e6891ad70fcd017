package dev.holdfast.lock.engine;

import dev.holdfast.lock.time.TimeSource;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says once that the store leaves something unconfirmed, and once that this is over, however many locks and repetitions it concerns.
 * Thread-safe.
 */
final class StoreTrouble {

    private static final Logger log = LoggerFactory.getLogger(StoreTrouble.class);

    /** Without a failure for so long it is over: while one member answers and another does not, both come in turn. */
    private static final Duration QUIET = Duration.ofSeconds(5);

    private final TimeSource time;
    private final AtomicReference<@Nullable Incident> incident = new AtomicReference<>();

    StoreTrouble(TimeSource time) {
        this.time = time;
    }

    private static final class Incident {

        private final long since;
        private final AtomicLong failures = new AtomicLong();
        private volatile long lastFailure;

        private Incident(long now) {
            this.since = now;
            this.lastFailure = now;
        }
    }

    /** Something that is tried until it succeeds has failed. */
    void unconfirmed(String what, String why) {
        long now = time.nanoTime();
        Incident known = incident.get();
        if (known == null) {
            Incident first = new Incident(now);
            known = incident.compareAndExchange(null, first);
            if (known == null) {
                known = first;
                log.warn(
                        "etcd has not confirmed this yet: {} ({}). It is tried again until etcd does or the lease ends; check etcd if"
                                + " that lasts. More of the kind is not logged until etcd has answered well for {} s",
                        what,
                        why,
                        QUIET.toSeconds());
            }
        }
        known.lastFailure = now;
        known.failures.incrementAndGet();
    }

    /** The store has answered. */
    void answered() {
        Incident known = incident.get();
        if (known == null) {
            return;
        }
        long now = time.nanoTime();
        if (now - known.lastFailure > QUIET.toNanos() && incident.compareAndSet(known, null)) {
            log.info(
                    "etcd confirms again what it is asked; {} attempts had failed within {} s",
                    known.failures,
                    Duration.ofNanos(known.lastFailure - known.since).toSeconds());
        }
    }
}
