package dev.holdfast.lock.spring;

import java.lang.reflect.Method;
import org.springframework.aop.Advisor;
import org.springframework.aop.PointcutAdvisor;
import org.springframework.aop.framework.Advised;
import org.springframework.scheduling.annotation.AsyncAnnotationAdvisor;

/** Spring puts {@code @Async} around all other advice. Inside the lock it would return, and end the hold, before the method runs. */
final class AsyncOrder {

    private AsyncOrder() {}

    static void refuseAsyncInsideLock(Advised proxy, Method method, Class<?> type) {
        boolean insideLock = false;
        for (Advisor advisor : proxy.getAdvisors()) {
            if (advisor instanceof LockAdvisor) {
                insideLock = true;
            } else if (insideLock
                    && advisor instanceof AsyncAnnotationAdvisor
                    && matches((PointcutAdvisor) advisor, method, type)) {
                throw new InvalidLockDeclarationException(
                        method,
                        "would be released before the method runs: @Async is applied inside the lock",
                        "Use @EnableAsync as it is, which puts @Async outside, or give the async advisor a lower order than holdfast.order");
            }
        }
    }

    private static boolean matches(PointcutAdvisor advisor, Method method, Class<?> type) {
        return advisor.getPointcut().getClassFilter().matches(type)
                && advisor.getPointcut().getMethodMatcher().matches(method, type);
    }
}
