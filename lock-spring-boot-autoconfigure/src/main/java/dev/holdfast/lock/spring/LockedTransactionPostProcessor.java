package dev.holdfast.lock.spring;

import java.util.ArrayList;
import java.util.List;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.transaction.ConfigurableTransactionManager;
import org.springframework.transaction.TransactionExecution;
import org.springframework.transaction.TransactionExecutionListener;

/**
 * Rolls a transaction back, with {@link dev.holdfast.lock.LockLostException}, if a lock that encloses it on its thread is lost when it
 * is about to commit. Locks with {@link OnLost#NOTIFY} do not count. Covers transaction managers that are beans.
 */
final class LockedTransactionPostProcessor implements BeanPostProcessor {

    @Override
    public Object postProcessAfterInitialization(Object bean, String beanName) {
        if (bean instanceof ConfigurableTransactionManager manager) {
            // The application may have set listeners that cannot be added to.
            List<TransactionExecutionListener> listeners = new ArrayList<>(manager.getTransactionExecutionListeners());
            listeners.add(new EnsureHeldBeforeCommit());
            manager.setTransactionExecutionListeners(listeners);
        }
        return bean;
    }

    private static final class EnsureHeldBeforeCommit implements TransactionExecutionListener {

        @Override
        public void beforeCommit(TransactionExecution transaction) {
            for (Frame frame = Frame.current(); frame != null; frame = frame.outer()) {
                frame.ensureHeld();
            }
        }
    }
}
