package dev.holdfast.lock.spring;

import org.aopalliance.aop.Advice;
import org.springframework.aop.Pointcut;
import org.springframework.aop.support.AbstractPointcutAdvisor;

/** Puts advice around the body of locked methods: inside their lock, which {@link LockContext} knows, and outside of transactions. */
public final class LockedBodyAdvisor extends AbstractPointcutAdvisor {

    private final transient Pointcut pointcut = new LockAdvisor.LockedMethodPointcut();
    private final transient Advice advice;

    /** @param lockOrder order of the lock's own advisor, {@code holdfast.order} */
    public LockedBodyAdvisor(Advice advice, int lockOrder) {
        this.advice = advice;
        setOrder(lockOrder == Integer.MAX_VALUE ? lockOrder : lockOrder + 1);
    }

    @Override
    public Pointcut getPointcut() {
        return pointcut;
    }

    @Override
    public Advice getAdvice() {
        return advice;
    }
}
