package dev.holdfast.lock.spring;

import java.lang.reflect.Method;
import java.time.Duration;
import java.util.function.Supplier;
import org.springframework.aop.ClassFilter;
import org.springframework.aop.support.DefaultPointcutAdvisor;
import org.springframework.aop.support.StaticMethodMatcherPointcut;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.AnnotationUtils;
import org.springframework.core.env.Environment;

/** Puts the {@link LockInterceptor} around locked methods, outside of transactions. */
final class LockAdvisor extends DefaultPointcutAdvisor {

    private static final long serialVersionUID = 1L;

    /** The transaction advisor has the lowest precedence; a little room is left in between. */
    private static final int DEFAULT_ORDER = Ordered.LOWEST_PRECEDENCE - 10;

    LockAdvisor(
            LockedMethods methods,
            LockRegistries registries,
            TransactionGuard transactions,
            Supplier<Duration> releaseWait,
            int order) {
        super(new LockedMethodPointcut(), new LockInterceptor(methods, registries, transactions, releaseWait));
        setOrder(order);
    }

    /** The property {@code holdfast.order}. */
    static int order(Environment environment) {
        return environment.getProperty("holdfast.order", Integer.class, DEFAULT_ORDER);
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
