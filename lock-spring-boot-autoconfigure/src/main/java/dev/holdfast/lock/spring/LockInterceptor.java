package dev.holdfast.lock.spring;

import dev.holdfast.lock.LeaseLock;
import dev.holdfast.lock.LockException;
import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.LockRegistry;
import dev.holdfast.lock.LockUnavailableException;
import dev.holdfast.lock.spring.ResultType.Completion;
import java.lang.reflect.Method;
import java.time.Duration;
import java.util.Objects;
import java.util.function.Supplier;
import org.aopalliance.intercept.MethodInterceptor;
import org.aopalliance.intercept.MethodInvocation;
import org.jspecify.annotations.Nullable;
import org.springframework.aop.support.AopUtils;
import org.springframework.util.ReflectionUtils;

/** Takes the lock, runs the method in a {@link Frame}, releases the lock, and tells a loss. */
final class LockInterceptor implements MethodInterceptor {

    private final LockedMethods methods;
    private final LockRegistries registries;
    private final TransactionGuard transactions;
    private final Supplier<Duration> releaseWait;

    /** @param releaseWait how long a result that is complete later waits for the confirmation of the release */
    LockInterceptor(
            LockedMethods methods,
            LockRegistries registries,
            TransactionGuard transactions,
            Supplier<Duration> releaseWait) {
        this.methods = methods;
        this.registries = registries;
        this.transactions = transactions;
        this.releaseWait = releaseWait;
    }

    @Override
    public @Nullable Object invoke(MethodInvocation invocation) throws Throwable {
        Object target = Objects.requireNonNull(invocation.getThis(), "locked method without a target");
        LockedMethod method = methods.get(invocation.getMethod(), AopUtils.getTargetClass(target));
        KeyRoot call = new KeyRoot(target, invocation.getMethod(), invocation.getArguments());
        if (method.resultType().isSubscribedTo()) {
            return PublisherCall.start(later(method, call, invocation));
        }
        if (!method.isLocked(call)) {
            return invocation.proceed();
        }
        if (method.resultType().completion() == Completion.FUTURE) {
            return FutureCall.start(later(method, call, invocation));
        }
        LockRegistry registry = registries.of(method);
        Reentry reentry = Reentry.enter(registry, method.names(call), method.kind(), Frame.current());
        LockedCall ran;
        try {
            Hold taken = null;
            if (!reentry.isComplete()) {
                transactions.beforeTaking(reentry.missing(), method.method(), target);
                LockHandle handle;
                try {
                    handle = take(method.lock(registry, reentry.missing()), method);
                } catch (InterruptedException interrupted) {
                    throw notCalled(interrupted, invocation.getMethod(), reentry);
                } catch (LockException failure) {
                    if (method.fallsBackOn(failure)) {
                        return method.fallBack(call, failure);
                    }
                    throw failure;
                }
                if (handle == null) {
                    return method.skipped();
                }
                taken = new Hold(registry, reentry.missing(), method.kind(), handle);
            }
            ran = run(taken, reentry, method, invocation);
        } finally {
            reentry.leave();
        }
        return ran.result();
    }

    private AsyncCall later(LockedMethod method, KeyRoot call, MethodInvocation invocation) {
        return new AsyncCall(registries, method, call, invocation, transactions, releaseWait);
    }

    /** Returns when what was taken is released. */
    private static LockedCall run(
            @Nullable Hold taken, Reentry reentry, LockedMethod method, MethodInvocation invocation) {
        LockedCall call = new LockedCall(reentry.with(taken), method.onLost());
        try {
            call.proceed(() -> method.proceed(invocation), reentry.held());
        } finally {
            if (taken != null) {
                taken.release();
            }
        }
        return call;
    }

    private static @Nullable LockHandle take(LeaseLock lock, LockedMethod method) throws InterruptedException {
        return method.skipsWhenBusy()
                ? lock.tryAcquire(lock.options().waitTime()).orElse(null)
                : lock.acquire();
    }

    private static Exception notCalled(InterruptedException interrupted, Method method, Reentry reentry) {
        if (ReflectionUtils.declaresException(method, InterruptedException.class)) {
            return interrupted;
        }
        // Undeclared, it would leave the proxy as UndeclaredThrowableException.
        Thread.currentThread().interrupt();
        String name = String.join(", ", reentry.missing());
        return new LockUnavailableException(
                name,
                "Interrupted while waiting for lock '" + name + "'; nothing is held and the method was not called",
                interrupted);
    }
}
