package dev.holdfast.lock.spring;

import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.BeanClassLoaderAware;
import org.springframework.context.annotation.ImportSelector;
import org.springframework.core.type.AnnotationMetadata;
import org.springframework.util.ClassUtils;

/** Adds the check before commit where the application has Spring's transactions. */
final class LockedTransactionSelector implements ImportSelector, BeanClassLoaderAware {

    private @Nullable ClassLoader classLoader;

    @Override
    public void setBeanClassLoader(ClassLoader classLoader) {
        this.classLoader = classLoader;
    }

    @Override
    public String[] selectImports(AnnotationMetadata importing) {
        boolean transactions =
                ClassUtils.isPresent("org.springframework.transaction.ConfigurableTransactionManager", classLoader);
        return transactions ? new String[] {"dev.holdfast.lock.spring.LockedTransactionConfiguration"} : new String[0];
    }
}
