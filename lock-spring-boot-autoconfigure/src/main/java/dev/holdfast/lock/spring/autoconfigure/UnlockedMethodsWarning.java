package dev.holdfast.lock.spring.autoconfigure;

import dev.holdfast.lock.spring.DistributedLock;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.core.MethodIntrospector;
import org.springframework.core.annotation.AnnotatedElementUtils;
import org.springframework.core.annotation.AnnotationUtils;
import org.springframework.util.ClassUtils;

/** Says once per start which annotated methods run without a lock because locks are switched off. */
final class UnlockedMethodsWarning implements SmartInitializingSingleton {

    private static final Logger log = LoggerFactory.getLogger(UnlockedMethodsWarning.class);

    private final ConfigurableListableBeanFactory beanFactory;

    UnlockedMethodsWarning(ConfigurableListableBeanFactory beanFactory) {
        this.beanFactory = beanFactory;
    }

    @Override
    public void afterSingletonsInstantiated() {
        List<String> found = new ArrayList<>();
        for (String name : beanFactory.getBeanDefinitionNames()) {
            Class<?> type = beanFactory.getType(name, false);
            if (type != null && AnnotationUtils.isCandidateClass(type, DistributedLock.class)) {
                describe(name, ClassUtils.getUserClass(type), found);
            }
        }
        if (!found.isEmpty()) {
            log.warn(
                    "holdfast.enabled=false: these methods run WITHOUT a lock: {}; to run without etcd but still locked within"
                            + " this process, use holdfast.store=memory",
                    String.join(", ", found));
        }
    }

    private static void describe(String bean, Class<?> type, List<String> found) {
        if (AnnotatedElementUtils.hasAnnotation(type, DistributedLock.class)) {
            found.add(type.getSimpleName() + ".* (bean '" + bean + "')");
        }
        Map<Method, Boolean> methods = MethodIntrospector.selectMethods(
                type,
                (Method method) -> AnnotatedElementUtils.hasAnnotation(method, DistributedLock.class) ? true : null);
        methods.keySet()
                .forEach(method -> found.add(type.getSimpleName() + "." + method.getName() + " (bean '" + bean + "')"));
    }
}
