package dev.holdfast.lock.spring;

import java.lang.reflect.Method;

/**
 * The {@code #root} of key expressions.
 *
 * @param target the bean behind the proxy
 * @param method the called method
 * @param args its arguments
 */
record KeyRoot(Object target, Method method, Object[] args) {

    public Class<?> getTargetClass() {
        return target.getClass();
    }

    public String getMethodName() {
        return method.getName();
    }
}
