package dev.holdfast.lock.spring;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** Shows a wrong {@link DistributedLock} as a description and an action instead of a stack trace. */
final class InvalidLockDeclarationFailureAnalyzer extends AbstractFailureAnalyzer<InvalidLockDeclarationException> {

    @Override
    protected FailureAnalysis analyze(Throwable rootFailure, InvalidLockDeclarationException cause) {
        return new FailureAnalysis(cause.problem() + ".", cause.action() + ".", cause);
    }
}
