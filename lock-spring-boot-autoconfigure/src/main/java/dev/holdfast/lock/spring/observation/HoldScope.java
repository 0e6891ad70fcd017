package dev.holdfast.lock.spring.observation;

import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.spring.LockContext;
import io.micrometer.observation.Observation;
import java.util.function.Supplier;
import org.aopalliance.intercept.MethodInterceptor;
import org.aopalliance.intercept.MethodInvocation;
import org.jspecify.annotations.Nullable;
import org.springframework.util.ClassUtils;

/**
 * Runs the body of a locked method in the scope of its hold's observation, so that what is observed in there becomes its child; a result
 * that is subscribed to has it in its context. A method that enters a lock again stays in the scope it was called in.
 */
public final class HoldScope implements MethodInterceptor {

    private static final boolean REACTOR =
            ClassUtils.isPresent("reactor.core.publisher.Flux", HoldScope.class.getClassLoader());

    private final Supplier<LockObservations> observations;

    public HoldScope(Supplier<LockObservations> observations) {
        this.observations = observations;
    }

    @Override
    public @Nullable Object invoke(MethodInvocation invocation) throws Throwable {
        LockHandle handle = LockContext.find().orElse(null);
        Observation.Scope scope = handle == null ? null : observations.get().openScope(handle);
        if (scope == null) {
            return invocation.proceed();
        }
        try {
            Object result = invocation.proceed();
            Observation hold = scope.getCurrentObservation();
            return REACTOR && hold != null ? HoldInContext.put(result, hold) : result;
        } finally {
            scope.close();
        }
    }
}
