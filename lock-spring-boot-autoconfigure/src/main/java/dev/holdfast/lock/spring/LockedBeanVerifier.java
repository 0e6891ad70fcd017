package dev.holdfast.lock.spring;

import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Proxy;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.springframework.aop.framework.Advised;
import org.springframework.aop.framework.AopInfrastructureBean;
import org.springframework.aop.framework.AopProxyUtils;
import org.springframework.aop.support.AopUtils;
import org.springframework.beans.factory.FactoryBean;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.context.annotation.Bean;
import org.springframework.core.MethodIntrospector;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.AnnotatedElementUtils;
import org.springframework.core.annotation.AnnotationUtils;
import org.springframework.util.ClassUtils;

/**
 * Fails the start, or the creation of a later bean, when a locked method would run without its lock: Spring itself is silent about
 * most of these cases. Looks at every bean as it is created, and again at those that were there before it.
 */
final class LockedBeanVerifier implements BeanPostProcessor, SmartInitializingSingleton, Ordered {

    private static final boolean MOCKITO =
            ClassUtils.isPresent("org.mockito.Mockito", LockedBeanVerifier.class.getClassLoader());

    private final LockedMethods methods;
    private final ConfigurableListableBeanFactory beanFactory;
    private final Set<Class<?>> verified = ConcurrentHashMap.newKeySet();

    LockedBeanVerifier(LockedMethods methods, ConfigurableListableBeanFactory beanFactory) {
        this.methods = methods;
        this.beanFactory = beanFactory;
    }

    /** After every post-processor that makes a proxy. Before the one that calls scheduled publishers, which Spring puts behind all others. */
    @Override
    public int getOrder() {
        return Ordered.LOWEST_PRECEDENCE;
    }

    @Override
    public Object postProcessAfterInitialization(Object bean, String beanName) {
        verify(bean, beanName);
        return bean;
    }

    @Override
    public void afterSingletonsInstantiated() {
        for (String name : beanFactory.getSingletonNames()) {
            Object singleton = beanFactory.getSingleton(name);
            if (singleton != null) {
                verify(singleton, name);
            }
            if (singleton instanceof FactoryBean<?> factory) {
                verifyProduct(factory, name);
            }
        }
    }

    /** What a factory bean made before there was this check is in no list of singletons. */
    private void verifyProduct(FactoryBean<?> factory, String name) {
        Class<?> type = factory.isSingleton() ? factory.getObjectType() : null;
        boolean locked = type != null
                && AnnotationUtils.isCandidateClass(type, DistributedLock.class)
                && !lockedMethods(type).isEmpty();
        if (locked && !isLazy(name)) {
            verify(beanFactory.getBean(name), name);
        }
    }

    private boolean isLazy(String name) {
        return beanFactory.containsBeanDefinition(name)
                && beanFactory.getMergedBeanDefinition(name).isLazyInit();
    }

    private void verify(Object bean, String beanName) {
        if (bean instanceof AopInfrastructureBean || verified.contains(bean.getClass())) {
            return;
        }
        Class<?> target = AopProxyUtils.ultimateTargetClass(bean);
        // Interfaces that the target does not implement are those of generated proxies, such as repositories.
        List<Declared> locked = Stream.concat(
                        Stream.of(target),
                        Arrays.stream(bean.getClass().getInterfaces()).filter(type -> !type.isAssignableFrom(target)))
                .filter(type -> AnnotationUtils.isCandidateClass(type, DistributedLock.class))
                .flatMap(type -> lockedMethods(type).stream().map(method -> new Declared(type, method)))
                .toList();
        // Mockito is slow to start, so it is asked last. A real object of the same class is still to be refused.
        if (!locked.isEmpty() && !isAdvised(bean) && MOCKITO && Mocks.isMock(bean)) {
            return;
        }
        locked.forEach(declared -> verify(declared, bean, beanName));
        // Beans of different classes may share a JDK proxy's class.
        if (!Proxy.isProxyClass(bean.getClass())) {
            verified.add(bean.getClass());
        }
    }

    private static Set<Method> lockedMethods(Class<?> type) {
        return new LinkedHashSet<>(MethodIntrospector.selectMethods(
                type, (Method method) -> !method.isSynthetic() && LockedMethods.isLocked(method, type)));
    }

    private void verify(Declared declared, Object bean, String beanName) {
        Method method = declared.method();
        refuseBeanMethod(method);
        refuseModifier(method, Modifier.PRIVATE, "private");
        refuseModifier(method, Modifier.STATIC, "static");
        methods.get(method, declared.type());
        if (!isAdvised(bean)) {
            throw new InvalidLockDeclarationException(
                    method,
                    "has no effect on the bean '" + beanName
                            + "': it was created before it could be proxied, because a bean post-processor or bean factory"
                            + " post-processor needs it, or it was registered as an object",
                    "Let that one take an ObjectProvider or a @Lazy dependency, or move the method to another bean. Instead of"
                            + " a fake that a test registers, as with @TestBean, use a @Bean of the test's configuration, which"
                            + " is locked, or a Mockito mock, which needs no lock");
        }
        AsyncOrder.refuseAsyncInsideLock((Advised) bean, method, declared.type());
        if (Proxy.isProxyClass(bean.getClass())) {
            refuseUnreachable(declared, bean, beanName);
        } else {
            refuseModifier(method, Modifier.FINAL, "final");
            refuseInvisible(method, bean.getClass());
        }
    }

    private static void refuseBeanMethod(Method method) {
        if (AnnotatedElementUtils.hasAnnotation(method, Bean.class)) {
            throw new InvalidLockDeclarationException(
                    method,
                    "makes no sense: it is a @Bean method, so the lock would be held while the bean is made, not while it is used",
                    "Put it on the methods of the bean");
        }
    }

    private static void refuseModifier(Method method, int modifier, String word) {
        if ((method.getModifiers() & modifier) != 0) {
            throw new InvalidLockDeclarationException(
                    method,
                    "cannot work: the method is " + word + ", so no proxy can intercept it and it would run unlocked",
                    "Make it an ordinary public, protected or package-private method, or take the lock with LockRegistry");
        }
    }

    /** The JVM lets a class override package-private methods of its own package only. */
    private static void refuseInvisible(Method method, Class<?> proxy) {
        boolean packagePrivate =
                (method.getModifiers() & (Modifier.PUBLIC | Modifier.PROTECTED | Modifier.PRIVATE)) == 0;
        Class<?> declaring = method.getDeclaringClass();
        boolean elsewhere = !declaring.getPackageName().equals(proxy.getPackageName())
                || declaring.getClassLoader() != proxy.getClassLoader();
        if (packagePrivate && elsewhere) {
            throw new InvalidLockDeclarationException(
                    method,
                    "cannot work: the method is package-private, and the proxy of "
                            + ClassUtils.getUserClass(proxy).getName()
                            + " is in another package or class loader, so it would run unlocked",
                    "Make it public or protected");
        }
    }

    private static void refuseUnreachable(Declared declared, Object bean, String beanName) {
        Method method = declared.method();
        boolean onInterface = Arrays.stream(bean.getClass().getInterfaces())
                .anyMatch(type -> hasMethod(type, method, declared.type()));
        if (!onInterface && AnnotatedElementUtils.hasAnnotation(method, DistributedLock.class)) {
            throw new InvalidLockDeclarationException(
                    method,
                    "has no effect on the bean '" + beanName
                            + "': it is a JDK proxy, and none of its interfaces has this method",
                    "Add it to an interface, or set spring.aop.proxy-target-class=true");
        }
    }

    /** That of a generic interface has the type variable's parameters. */
    private static boolean hasMethod(Class<?> type, Method method, Class<?> target) {
        return ClassUtils.hasMethod(type, method.getName(), method.getParameterTypes())
                || Arrays.stream(type.getMethods())
                        .anyMatch(candidate -> AopUtils.getMostSpecificMethod(candidate, target)
                                .equals(method));
    }

    private static boolean isAdvised(Object bean) {
        return bean instanceof Advised advised
                && Arrays.stream(advised.getAdvisors()).anyMatch(LockAdvisor.class::isInstance);
    }

    private record Declared(Class<?> type, Method method) {}
}
