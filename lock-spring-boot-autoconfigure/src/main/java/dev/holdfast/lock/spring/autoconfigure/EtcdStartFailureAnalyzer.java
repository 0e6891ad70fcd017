package dev.holdfast.lock.spring.autoconfigure;

import dev.holdfast.lock.store.StoreException;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** Says why etcd could not be used at the start, and which property to look at. */
final class EtcdStartFailureAnalyzer extends AbstractFailureAnalyzer<EtcdStartException> {

    @Override
    protected FailureAnalysis analyze(Throwable rootFailure, EtcdStartException failure) {
        return new FailureAnalysis(failure.reason(), properties(failure) + " " + alternatives(), failure);
    }

    private static String properties(EtcdStartException failure) {
        if (failure.reason().contains("User and password for etcd could not be had")) {
            return "Look at the EtcdConnectionDetails bean, or at what serves 'holdfast.etcd.username' and 'holdfast.etcd.password'.";
        }
        return switch (kind(failure)) {
            case UNAUTHENTICATED -> "Check the properties 'holdfast.etcd.username' and 'holdfast.etcd.password'.";
            case PERMISSION_DENIED ->
                "Grant the user of 'holdfast.etcd.username' a role that may read and write the keys that start with"
                        + " 'holdfast.key-prefix'.";
            default ->
                failure.tls()
                        ? "Check the property 'holdfast.etcd.endpoints', and that the SSL bundle of 'holdfast.etcd.ssl.bundle'"
                                + " trusts the authority of etcd's certificate and has a client certificate if etcd wants one."
                        : "Check the property 'holdfast.etcd.endpoints', and whether etcd wants https there.";
        };
    }

    private static String alternatives() {
        return "To start without etcd, and lock when it is there, set 'holdfast.fail-fast=false'; to develop without etcd,"
                + " 'holdfast.store=memory'.";
    }

    private static StoreException.Kind kind(EtcdStartException failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof StoreException store) {
                return store.kind();
            }
        }
        return StoreException.Kind.UNAVAILABLE;
    }
}
