package dev.holdfast.lock.spring.autoconfigure;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.ssl.NoSuchSslBundleException;
import org.springframework.core.env.Environment;

/** Boot shows a missing SSL bundle as a stack trace; says which of our properties names it. Leaves the bundles of others alone. */
final class NoSuchSslBundleFailureAnalyzer extends AbstractFailureAnalyzer<NoSuchSslBundleException> {

    private static final String PROPERTY = "holdfast.etcd.ssl.bundle";

    private final Environment environment;

    NoSuchSslBundleFailureAnalyzer(Environment environment) {
        this.environment = environment;
    }

    @Override
    protected @Nullable FailureAnalysis analyze(Throwable rootFailure, NoSuchSslBundleException cause) {
        String name = cause.getBundleName();
        if (!name.equals(environment.getProperty(PROPERTY))) {
            return null;
        }
        return new FailureAnalysis(
                "The property '" + PROPERTY + "' names the SSL bundle '" + name + "', which does not exist.",
                "Define it, for example with spring.ssl.bundle.pem." + name
                        + ".truststore.certificate, or correct the name.",
                cause);
    }
}
