package dev.holdfast.lock.spring;

import dev.holdfast.lock.LockHandle;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.util.context.ContextView;

/**
 * The lock that a {@link DistributedLock} method holds while its {@code Mono}, {@code Flux} or suspending function runs: what
 * {@link LockContext} is for ordinary methods. Bound to the subscription, through its Reactor context, on whatever thread.
 *
 * <pre>{@code
 * return ReactiveLockContext.current().flatMap(lock -> store.save(order, lock.fencingToken()));
 * }</pre>
 */
public final class ReactiveLockContext {

    static final Object KEY = ReactiveLockContext.class;

    private ReactiveLockContext() {}

    /** The hold of the innermost locked method around this step; {@link IllegalStateException} if there is none. */
    public static Mono<LockHandle> current() {
        return Mono.deferContextual(context -> find(context)
                .map(Mono::just)
                .orElseGet(() -> Mono.error(new IllegalStateException("No @DistributedLock method is around this step;"
                        + " use ReactiveLockContext.current() inside what such a method returns"))));
    }

    /** As {@link #current()}, from a context at hand; empty if no locked method is around it. */
    public static Optional<LockHandle> find(ContextView context) {
        Frame frame = frame(context);
        return frame == null ? Optional.empty() : Optional.of(frame.hold().handle());
    }

    static @Nullable Frame frame(ContextView context) {
        return context.getOrDefault(KEY, null);
    }
}
