package dev.holdfast.lock.spring;

import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.aopalliance.intercept.MethodInvocation;
import org.jspecify.annotations.Nullable;
import org.springframework.util.ReflectionUtils;

/**
 * Waits under the lock for the future of an {@code @Async} method. Spring waits for it on the same thread, but only after the advice,
 * when the lock would be released.
 */
final class AwaitedFuture {

    private AwaitedFuture() {}

    static @Nullable Object proceed(MethodInvocation invocation) throws Throwable {
        Object result = invocation.proceed();
        if (result instanceof Future<?> future) {
            await(future, invocation);
        }
        return result;
    }

    private static void await(Future<?> future, MethodInvocation invocation) throws Throwable {
        try {
            future.get();
        } catch (ExecutionException failed) {
            Throwable cause = failed.getCause();
            // Others would leave the proxy as UndeclaredThrowableException; the future tells them as they are.
            if (cause instanceof RuntimeException
                    || cause instanceof Error
                    || cause != null && ReflectionUtils.declaresException(invocation.getMethod(), cause.getClass())) {
                throw cause;
            }
        } catch (InterruptedException interrupted) {
            future.cancel(true);
            throw interrupted;
        }
    }
}
