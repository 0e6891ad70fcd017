package dev.holdfast.lock.spring.autoconfigure;

/** etcd could not be used when the application started. Shown by {@link EtcdStartFailureAnalyzer}. */
final class EtcdStartException extends IllegalStateException {

    private final String connection;

    /** @param connection where and as whom, without the password */
    EtcdStartException(String connection, RuntimeException cause) {
        super("Cannot use " + connection + " for locks: " + cause.getMessage(), cause);
        this.connection = connection;
    }

    String connection() {
        return connection;
    }
}
