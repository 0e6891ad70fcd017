package dev.holdfast.lock.spring;

import java.lang.reflect.Method;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.annotation.AnnotationTransactionAttributeSource;
import org.springframework.transaction.interceptor.TransactionAttribute;
import org.springframework.transaction.interceptor.TransactionAttributeSource;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import org.springframework.util.ClassUtils;

/** Looks for a running transaction before a lock is taken. Thread-safe. */
interface TransactionGuard {

    /** Where there are no transactions, or nobody cares. */
    TransactionGuard NONE = (names, method, target) -> {};

    /** @throws IllegalStateException if the lock must not be taken here */
    void beforeTaking(List<String> names, Method method, Object target);

    static TransactionGuard of(InsideTransaction policy, @Nullable ClassLoader classLoader) {
        boolean transactions = ClassUtils.isPresent(
                "org.springframework.transaction.support.TransactionSynchronizationManager", classLoader);
        return transactions && policy != InsideTransaction.IGNORE ? new OfSpring(policy) : NONE;
    }

    /** Loaded only with spring-tx on the classpath. */
    final class OfSpring implements TransactionGuard {

        private static final Logger log = LoggerFactory.getLogger(TransactionGuard.class);

        private final InsideTransaction policy;
        private final TransactionAttributeSource attributes = new AnnotationTransactionAttributeSource(false);
        private final Set<Method> warned = ConcurrentHashMap.newKeySet();

        OfSpring(InsideTransaction policy) {
            this.policy = policy;
        }

        @Override
        public void beforeTaking(List<String> names, Method method, Object target) {
            if (!TransactionSynchronizationManager.isActualTransactionActive()
                    || warned.contains(method)
                    || leavesIt(method, target.getClass())) {
                return;
            }
            if (policy == InsideTransaction.ERROR) {
                throw new IllegalStateException(
                        problem(names, method) + "; the method was not called. " + advice() + ".");
            }
            if (warned.add(method)) {
                log.warn(
                        "{}. {}. Told once for this method; holdfast.inside-transaction=error refuses it, ignore keeps silent.",
                        problem(names, method),
                        advice());
            }
        }

        /** Whether the method has a transaction of its own that begins after the lock is taken, or none at all. */
        private boolean leavesIt(Method method, Class<?> beanType) {
            TransactionAttribute attribute = attributes.getTransactionAttribute(method, beanType);
            if (attribute == null) {
                return false;
            }
            int propagation = attribute.getPropagationBehavior();
            boolean leaves = propagation == TransactionDefinition.PROPAGATION_REQUIRES_NEW
                    || propagation == TransactionDefinition.PROPAGATION_NOT_SUPPORTED;
            return leaves && !isTransactionOf(method, beanType);
        }

        /** With an order that puts the lock inside, the running transaction is the method's own. */
        private static boolean isTransactionOf(Method method, Class<?> beanType) {
            return ClassUtils.getQualifiedMethodName(method, beanType)
                    .equals(TransactionSynchronizationManager.getCurrentTransactionName());
        }

        private static String problem(List<String> names, Method method) {
            String transaction = TransactionSynchronizationManager.getCurrentTransactionName();
            return "Lock '" + String.join(", ", names) + "' of "
                    + ClassUtils.getQualifiedMethodName(method) + " is asked for inside the running transaction"
                    + (transaction == null ? "" : " of " + transaction)
                    + ", so it would be released before that transaction commits, and others would not see what was written"
                    + " under it";
        }

        private static String advice() {
            return "Put @DistributedLock on the method that begins the transaction, or around it;"
                    + " or let the locked method have a transaction of its own (REQUIRES_NEW)";
        }
    }
}
