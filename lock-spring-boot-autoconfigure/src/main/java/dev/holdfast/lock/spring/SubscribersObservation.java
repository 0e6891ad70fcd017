package dev.holdfast.lock.spring;

import io.micrometer.observation.Observation;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What a subscriber is observed doing. Micrometer keeps it in Reactor's context; whoever asks for a lock, it looks for on the thread. Only
 * this class of the package knows observations.
 */
final class SubscribersObservation {

    /** That of Micrometer's {@code ObservationThreadLocalAccessor}, which would need one more library. */
    static final String KEY = "micrometer.observation";

    private SubscribersObservation() {}

    /** @param found in the context; null if there is none */
    static <T> T current(@Nullable Object found, Supplier<T> during) {
        if (!(found instanceof Observation observation)) {
            return during.get();
        }
        Observation.Scope scope = observation.openScope();
        try {
            return during.get();
        } finally {
            scope.close();
        }
    }
}
