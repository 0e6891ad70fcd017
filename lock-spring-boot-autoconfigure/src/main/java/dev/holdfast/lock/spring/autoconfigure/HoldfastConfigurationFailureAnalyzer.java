package dev.holdfast.lock.spring.autoconfigure;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** Shows a wrong property as a description and an action instead of a stack trace. */
final class HoldfastConfigurationFailureAnalyzer extends AbstractFailureAnalyzer<HoldfastConfigurationException> {

    @Override
    protected FailureAnalysis analyze(Throwable rootFailure, HoldfastConfigurationException cause) {
        return new FailureAnalysis(cause.problem() + ".", cause.action() + ".", cause);
    }
}
