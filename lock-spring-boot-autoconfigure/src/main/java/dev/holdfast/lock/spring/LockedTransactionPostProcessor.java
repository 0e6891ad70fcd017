package dev.holdfast.lock.spring;

import java.util.ArrayList;
import java.util.List;
import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.transaction.ConfigurableTransactionManager;
import org.springframework.transaction.TransactionExecution;
import org.springframework.transaction.TransactionExecutionListener;

/**
 * Rolls a transaction back, with {@link dev.holdfast.lock.LockLostException}, if a lock that encloses it on its thread is lost when it
 * is about to commit. Locks with {@link OnLost#NOTIFY} do not count. Covers transaction managers that are beans: looks at each as it is
 * created, and at those that were there before it, here or in a parent context.
 */
final class LockedTransactionPostProcessor implements BeanPostProcessor, SmartInitializingSingleton {

    private final ConfigurableListableBeanFactory beanFactory;

    LockedTransactionPostProcessor(ConfigurableListableBeanFactory beanFactory) {
        this.beanFactory = beanFactory;
    }

    @Override
    public Object postProcessAfterInitialization(Object bean, String beanName) {
        if (bean instanceof ConfigurableTransactionManager manager) {
            addTo(manager);
        }
        return bean;
    }

    @Override
    public void afterSingletonsInstantiated() {
        BeanFactory each = beanFactory;
        while (each instanceof ConfigurableListableBeanFactory factory) {
            for (String name : factory.getBeanNamesForType(ConfigurableTransactionManager.class, false, false)) {
                // A lazy one is not to be created for this.
                if (factory.containsSingleton(name)) {
                    postProcessAfterInitialization(factory.getBean(name), name);
                }
            }
            each = factory.getParentBeanFactory();
        }
    }

    private static void addTo(ConfigurableTransactionManager manager) {
        // The application may have set listeners that cannot be added to.
        List<TransactionExecutionListener> listeners = new ArrayList<>(manager.getTransactionExecutionListeners());
        if (listeners.stream().noneMatch(EnsureHeldBeforeCommit.class::isInstance)) {
            listeners.add(new EnsureHeldBeforeCommit());
            manager.setTransactionExecutionListeners(listeners);
        }
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
