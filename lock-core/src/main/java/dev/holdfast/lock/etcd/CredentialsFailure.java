package dev.holdfast.lock.etcd;

/**
 * Stands for an exception that a user's source of credentials threw, where it may be logged: with its place, but without its text and
 * its causes, which may show a password.
 */
final class CredentialsFailure extends RuntimeException {

    private static final long serialVersionUID = 1L;

    CredentialsFailure(Throwable thrown) {
        super(
                "their source threw " + thrown.getClass().getName()
                        + " (text left out, it may show a secret; log it in the source)",
                null,
                false,
                true);
        setStackTrace(thrown.getStackTrace());
    }
}
