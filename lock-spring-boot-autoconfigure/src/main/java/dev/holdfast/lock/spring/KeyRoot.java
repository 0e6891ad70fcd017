package dev.holdfast.lock.spring;

import java.lang.reflect.Method;
import org.jspecify.annotations.Nullable;

/**
 * One call of a locked method: the {@code #root} of its expressions.
 *
 * @param target the bean behind the proxy
 * @param method the called method
 * @param args its arguments
 */
record KeyRoot(Object target, Method method, @Nullable Object[] args) {

    public Class<?> getTargetClass() {
        return target.getClass();
    }

    public String getMethodName() {
        return method.getName();
    }
}
