package dev.holdfast.lock.spring;

import org.springframework.context.annotation.ImportSelector;
import org.springframework.core.type.AnnotationMetadata;
import org.springframework.util.ClassUtils;

/** Adds the check before commit where the application has Spring's transactions. */
final class LockedTransactionSelector implements ImportSelector {

    @Override
    public String[] selectImports(AnnotationMetadata importing) {
        boolean transactions = ClassUtils.isPresent(
                "org.springframework.transaction.ConfigurableTransactionManager",
                LockedTransactionSelector.class.getClassLoader());
        return transactions ? new String[] {"dev.holdfast.lock.spring.LockedTransactionConfiguration"} : new String[0];
    }
}
