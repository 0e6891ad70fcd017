package dev.holdfast.lock.spring.autoconfigure;

import dev.holdfast.lock.LockException;

/** etcd could not be used when the application started. Shown by {@link EtcdStartFailureAnalyzer}. */
final class EtcdStartException extends IllegalStateException {

    private final boolean tls;

    /** @param cause names where and as whom, without the password, and what to do */
    EtcdStartException(boolean tls, LockException cause) {
        super(cause.getMessage(), cause);
        this.tls = tls;
    }

    boolean tls() {
        return tls;
    }

    String reason() {
        return String.valueOf(getMessage());
    }
}
