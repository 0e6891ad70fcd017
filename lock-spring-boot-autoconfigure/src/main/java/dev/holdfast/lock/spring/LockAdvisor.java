package dev.holdfast.lock.spring;

import java.lang.reflect.Method;
import java.time.Duration;
import java.util.function.Supplier;
import org.aopalliance.aop.Advice;
import org.springframework.aop.ClassFilter;
import org.springframework.aop.Pointcut;
import org.springframework.aop.support.AbstractPointcutAdvisor;
import org.springframework.aop.support.StaticMethodMatcherPointcut;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.AnnotationUtils;

/** Puts the {@link LockInterceptor} around locked methods, outside of transactions. */
final class LockAdvisor extends AbstractPointcutAdvisor {

    /** The transaction advisor has the lowest precedence; a little room is left in between. */
    static final int DEFAULT_ORDER = Ordered.LOWEST_PRECEDENCE - 10;

    private final transient Pointcut pointcut = new LockedMethodPointcut();
    private final transient Advice advice;

    LockAdvisor(
            LockedMethods methods,
            LockRegistries registries,
            TransactionGuard transactions,
            Supplier<Duration> releaseWait,
            int order) {
        this.advice = new LockInterceptor(methods, registries, transactions, releaseWait);
        setOrder(order);
    }

    @Override
    public Pointcut getPointcut() {
        return pointcut;
    }

    @Override
    public Advice getAdvice() {
        return advice;
    }

    static final class LockedMethodPointcut extends StaticMethodMatcherPointcut {

        LockedMethodPointcut() {
            setClassFilter(new CandidateClassFilter());
        }

        @Override
        public boolean matches(Method method, Class<?> targetClass) {
            return LockedMethods.isLocked(method, targetClass);
        }
    }

    private static final class CandidateClassFilter implements ClassFilter {

        @Override
        public boolean matches(Class<?> type) {
            return AnnotationUtils.isCandidateClass(type, DistributedLock.class);
        }
    }
}
