package dev.holdfast.lock.spring;

import org.aopalliance.aop.Advice;
import org.springframework.aop.support.DefaultPointcutAdvisor;
import org.springframework.core.env.Environment;

/** Puts advice around the body of locked methods: inside their lock, which {@link LockContext} knows, and outside of transactions. */
public final class LockedBodyAdvisor extends DefaultPointcutAdvisor {

    private static final long serialVersionUID = 1L;

    /** @param environment says where the lock's own advisor is, by {@code holdfast.order} */
    public LockedBodyAdvisor(Advice advice, Environment environment) {
        super(new LockAdvisor.LockedMethodPointcut(), advice);
        int lockOrder = LockAdvisor.order(environment);
        setOrder(lockOrder == Integer.MAX_VALUE ? lockOrder : lockOrder + 1);
    }
}
