package dev.holdfast.lock.spring;

import dev.holdfast.lock.LockException;
import dev.holdfast.lock.LockRegistry;
import java.time.Duration;
import java.util.function.Supplier;
import org.aopalliance.intercept.MethodInvocation;
import org.jspecify.annotations.Nullable;
import org.springframework.aop.ProxyMethodInvocation;
import org.springframework.aop.interceptor.ExposeInvocationInterceptor;

/**
 * A call whose result is complete later, as its proxy got it. Each subscription makes an {@link Attempt} of its own of it. Immutable.
 *
 * <p>Spring calls a scheduled method that returns a publisher once, before there is a registry, and subscribes to it on every turn. So
 * what may fail, or differ from one turn to the next, is left to the subscriptions.
 *
 * @param releaseWait how long the result waits for the confirmation of the release
 */
record AsyncCall(
        LockRegistries registries,
        LockedMethod method,
        KeyRoot root,
        MethodInvocation invocation,
        TransactionGuard transactions,
        Supplier<Duration> releaseWait) {

    LockRegistry registry() {
        return registries.of(method);
    }

    /**
     * Whether the lock is needed at all, this time.
     *
     * @throws IllegalArgumentException if the condition is neither true nor false
     */
    boolean isLocked() {
        return method.isLocked(root);
    }

    /**
     * Goes on to the method, as often as wanted: an invocation itself may proceed only once. Other advice further in may ask for
     * the current invocation, which is bound to a thread that is no longer ours.
     */
    @Nullable
    Object proceed() throws Throwable {
        MethodInvocation fresh =
                invocation instanceof ProxyMethodInvocation proxied ? proxied.invocableClone() : invocation;
        return ExposeInvocationInterceptor.INSTANCE.invoke(fresh);
    }

    /**
     * What the fallback returns, in the method's own type, when the lock could not be taken.
     *
     * @throws Throwable what the fallback throws, or the failure if it is none that a fallback takes
     */
    Object fallBack(Throwable failure) throws Throwable {
        if (failure instanceof LockException notTaken && method.fallsBackOn(notTaken)) {
            return returned(method.fallBack(root, notTaken));
        }
        throw failure;
    }

    /** What the method returned, which must be something that can complete. */
    Object returned(@Nullable Object result) {
        if (result == null) {
            throw new IllegalStateException(root.method().getDeclaringClass().getName() + "."
                    + root.method().getName() + " returned null instead of a "
                    + root.method().getReturnType().getSimpleName());
        }
        return result;
    }
}
