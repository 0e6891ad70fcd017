package dev.holdfast.lock.etcd;

import dev.holdfast.lock.store.StoreException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Settings that are to take the place of those in use, and how often etcd did not take them. Used on one thread at a time. */
final class OfferedSettings {

    private static final Logger log = LoggerFactory.getLogger(OfferedSettings.class);
    private static final long FIRST_PAUSE = TimeUnit.SECONDS.toNanos(1);
    private static final long LONGEST_PAUSE = TimeUnit.SECONDS.toNanos(60);

    private final ConnectionSettings settings;
    private long nextPause = FIRST_PAUSE;
    private long notBefore = System.nanoTime();
    private boolean told;

    OfferedSettings(ConnectionSettings settings) {
        this.settings = settings;
    }

    ConnectionSettings settings() {
        return settings;
    }

    /** Nanoseconds until they should be tried; 0 or less: they should be tried. */
    long pause() {
        return notBefore - System.nanoTime();
    }

    void refused(Exception failure) {
        notBefore = System.nanoTime() + nextPause;
        nextPause = Math.min(2 * nextPause, LONGEST_PAUSE);
        Throwable cause =
                failure instanceof ExecutionException && failure.getCause() != null ? failure.getCause() : failure;
        String reason = cause instanceof StoreException ? String.valueOf(cause.getMessage()) : cause.toString();
        if (told) {
            log.debug("The new certificates for {} are still not accepted: {}", settings, reason);
            return;
        }
        told = true;
        log.warn(
                "The new certificates for {} are not used yet: {}. The connection with those before stays, and no lock is lost"
                        + " while it works; the new ones are tried again, at least every {} s. Check that etcd trusts them and they"
                        + " trust etcd",
                settings,
                reason,
                TimeUnit.NANOSECONDS.toSeconds(LONGEST_PAUSE));
    }
}
