package dev.holdfast.lock.spring.autoconfigure;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** Says why etcd could not be used at the start, and which property to look at. */
final class EtcdStartFailureAnalyzer extends AbstractFailureAnalyzer<EtcdStartException> {

    @Override
    protected FailureAnalysis analyze(Throwable rootFailure, EtcdStartException failure) {
        String reason = String.valueOf(failure.getCause().getMessage());
        return new FailureAnalysis(
                "Locks cannot use " + failure.connection() + ": " + reason + ".", action(reason) + ".", failure);
    }

    private static String action(String reason) {
        if (reason.contains("authentication failed") || reason.contains("UNAUTHENTICATED")
                || reason.contains("user name is empty")) {
            return "Check holdfast.etcd.username and holdfast.etcd.password";
        }
        if (reason.contains("PERMISSION_DENIED") || reason.contains("permission denied")) {
            return "Grant the user of holdfast.etcd.username a role that may read and write the range of holdfast.key-prefix";
        }
        if (reason.contains("SSL") || reason.contains("PKIX") || reason.contains("ertificate")) {
            return "Check that the bundle of holdfast.etcd.ssl.bundle trusts the authority that signed etcd's certificate,"
                    + " and that the certificate is valid for the host names in holdfast.etcd.endpoints";
        }
        return "Check that etcd runs and that holdfast.etcd.endpoints (and https or http there) is right. To start without etcd,"
                + " set holdfast.fail-fast=false; for development without etcd, holdfast.store=memory";
    }
}
