package dev.holdfast.lock.spring.observation;

import io.micrometer.observation.Observation;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * A result that is subscribed to, under the observation of its hold: what is observed in there, on whatever thread, finds it in the
 * Reactor context, where Micrometer keeps observations. Loaded only where Reactor is there.
 */
final class HoldInContext {

    /** That of Micrometer's {@code ObservationThreadLocalAccessor}, which would need one more library. */
    private static final String KEY = "micrometer.observation";

    private HoldInContext() {}

    /** Other results stay as they are. */
    static @Nullable Object put(@Nullable Object result, Observation hold) {
        if (result instanceof Mono<?> mono) {
            return mono.contextWrite(context -> context.put(KEY, hold));
        }
        if (result instanceof Flux<?> flux) {
            return flux.contextWrite(context -> context.put(KEY, hold));
        }
        return result;
    }
}
