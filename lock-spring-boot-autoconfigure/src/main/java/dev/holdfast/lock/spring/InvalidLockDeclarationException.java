package dev.holdfast.lock.spring;

import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.stream.Collectors;

/** A {@link DistributedLock} that could not do what it says; fails the start. */
final class InvalidLockDeclarationException extends IllegalStateException {

    private final String problem;
    private final String action;

    InvalidLockDeclarationException(Method method, String problem, String action) {
        this("@DistributedLock on " + describe(method) + " " + problem, action);
    }

    private InvalidLockDeclarationException(String problem, String action) {
        super(problem + ". " + action);
        this.problem = problem;
        this.action = action;
    }

    String problem() {
        return problem;
    }

    String action() {
        return action;
    }

    private static String describe(Method method) {
        String parameters = Arrays.stream(method.getParameterTypes())
                .map(Class::getSimpleName)
                .collect(Collectors.joining(", "));
        return method.getDeclaringClass().getName() + "." + method.getName() + "(" + parameters + ")";
    }
}
