package dev.holdfast.lock.spring;

import dev.holdfast.lock.LockRegistry;
import java.lang.reflect.Method;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import org.springframework.beans.factory.BeanFactoryUtils;
import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.beans.factory.NoSuchBeanDefinitionException;
import org.springframework.beans.factory.NoUniqueBeanDefinitionException;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.BeanFactoryAnnotationUtils;

/**
 * The registry of a locked method: that of the name or qualifier it states, otherwise the one that would be injected. Asks for a bean
 * once, when it is needed first. Thread-safe.
 */
final class LockRegistries {

    private final ObjectProvider<LockRegistry> unqualified;
    private final ListableBeanFactory beanFactory;
    private final Map<String, LockRegistry> known = new ConcurrentHashMap<>();

    LockRegistries(ObjectProvider<LockRegistry> unqualified, ListableBeanFactory beanFactory) {
        this.unqualified = unqualified;
        this.beanFactory = beanFactory;
    }

    /** @throws InvalidLockDeclarationException if there is none, or several that are equally good */
    LockRegistry of(LockedMethod method) {
        LockRegistry found = known.get(method.registry());
        // Not computeIfAbsent: a bean may need others, which may come back here.
        if (found == null) {
            found = find(method.registry(), method.method());
            known.put(method.registry(), found);
        }
        return found;
    }

    private LockRegistry find(String registry, Method method) {
        try {
            return registry.isEmpty()
                    ? unqualified.getObject()
                    : BeanFactoryAnnotationUtils.qualifiedBeanOfType(beanFactory, LockRegistry.class, registry);
        } catch (NoUniqueBeanDefinitionException several) {
            throw new InvalidLockDeclarationException(
                    method,
                    registry.isEmpty()
                            ? "could use any of the lock registries " + candidates() + ", none of which is primary"
                            : "has registry = \"" + registry
                                    + "\", which is the qualifier of several of the lock registries " + candidates(),
                    "Name one with registry = \"...\"" + (registry.isEmpty() ? ", or make one @Primary" : ""));
        } catch (NoSuchBeanDefinitionException none) {
            throw new InvalidLockDeclarationException(
                    method,
                    registry.isEmpty()
                            ? "has no lock registry to use: of the LockRegistry beans " + candidates()
                                    + " none is a default candidate"
                            : "has registry = \"" + registry
                                    + "\", which is neither name nor qualifier of one of the lock registries "
                                    + candidates(),
                    "Define such a bean of type LockRegistry, or correct the registry the annotation names");
        }
    }

    private TreeSet<String> candidates() {
        return new TreeSet<>(
                List.of(BeanFactoryUtils.beanNamesForTypeIncludingAncestors(beanFactory, LockRegistry.class)));
    }
}
