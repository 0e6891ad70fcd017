package dev.holdfast.lock.spring;

import java.util.concurrent.CancellationException;
import kotlinx.coroutines.Job;

/**
 * The work behind a Kotlin {@code Deferred}: it runs whether or not anybody waits for it, so who no longer wants its result has to
 * cancel the work itself. Only this class knows coroutines.
 */
final class DeferredJob {

    private static final String TYPE = "kotlinx.coroutines.Deferred";

    private DeferredJob() {}

    static boolean isTypeOfResult(Class<?> type) {
        return type.getName().equals(TYPE);
    }

    /** Without effect if it is complete. */
    static void cancel(Object deferred) {
        ((Job) deferred).cancel(new CancellationException("The locked call was cancelled, or its lock is lost"));
    }
}
