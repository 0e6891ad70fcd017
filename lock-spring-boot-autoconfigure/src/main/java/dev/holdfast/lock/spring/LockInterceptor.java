package dev.holdfast.lock.spring;

import dev.holdfast.lock.LeaseLock;
import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.LockRegistry;
import dev.holdfast.lock.LockUnavailableException;
import java.lang.reflect.Method;
import java.util.Objects;
import org.aopalliance.intercept.MethodInterceptor;
import org.aopalliance.intercept.MethodInvocation;
import org.jspecify.annotations.Nullable;
import org.springframework.aop.support.AopUtils;
import org.springframework.util.ReflectionUtils;

/** Takes the lock, runs the method in a {@link Frame}, releases the lock, and tells a loss. */
final class LockInterceptor implements MethodInterceptor {

    private final LockedMethods methods;
    private final LockRegistries registries;

    LockInterceptor(LockedMethods methods, LockRegistries registries) {
        this.methods = methods;
        this.registries = registries;
    }

    @Override
    public @Nullable Object invoke(MethodInvocation invocation) throws Throwable {
        Object target = Objects.requireNonNull(invocation.getThis(), "locked method without a target");
        LockedMethod method = methods.get(invocation.getMethod(), AopUtils.getTargetClass(target));
        KeyRoot call = new KeyRoot(target, invocation.getMethod(), invocation.getArguments());
        LockRegistry registry = registries.of(method);
        Reentry reentry = Reentry.of(registry, method.names(call), method.kind());
        if (reentry.isComplete()) {
            return reenter(reentry, method, invocation);
        }
        LockHandle handle = take(method.lock(registry, reentry.missing()), method.onBusy(), invocation.getMethod());
        if (handle == null) {
            return method.skipped();
        }
        Hold taken = new Hold(registry, reentry.missing(), method.kind(), handle);
        return runAndRelease(taken, reentry, method, invocation);
    }

    private static @Nullable Object reenter(Reentry reentry, LockedMethod method, MethodInvocation invocation)
            throws Throwable {
        LockedCall call = new LockedCall(reentry.held(), method.onLost());
        call.proceed(invocation, reentry.held());
        return call.result();
    }

    private static @Nullable Object runAndRelease(
            Hold taken, Reentry reentry, LockedMethod method, MethodInvocation invocation) throws Throwable {
        LockedCall call = new LockedCall(reentry.with(taken), method.onLost());
        try {
            call.proceed(invocation, reentry.held());
        } finally {
            taken.handle().release();
        }
        return call.result();
    }

    private static @Nullable LockHandle take(LeaseLock lock, OnBusy onBusy, Method method) throws InterruptedException {
        try {
            return onBusy == OnBusy.SKIP
                    ? lock.tryAcquire(lock.options().waitTime()).orElse(null)
                    : lock.acquire();
        } catch (InterruptedException interrupted) {
            if (ReflectionUtils.declaresException(method, InterruptedException.class)) {
                throw interrupted;
            }
            // Undeclared, it would leave the proxy as UndeclaredThrowableException.
            Thread.currentThread().interrupt();
            throw new LockUnavailableException(
                    lock.name(),
                    "Interrupted while waiting for lock '" + lock.name()
                            + "'; nothing is held and the method was not called",
                    interrupted);
        }
    }
}
