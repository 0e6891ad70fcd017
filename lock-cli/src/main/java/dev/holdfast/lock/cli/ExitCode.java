package dev.holdfast.lock.cli;

/** How the command line ends where it is not the command's own code; the numbers are those of {@code sysexits.h}. */
final class ExitCode {

    static final int OK = 0;
    /** The command line cannot be understood, or asks for what cannot be. */
    static final int USAGE = 64;
    /** etcd could not be used in time. */
    static final int UNAVAILABLE = 69;
    /** Anything else. */
    static final int FAILURE = 70;
    /** Others had the lock until the wait ended. */
    static final int NOT_ACQUIRED = 75;
    /** The lock was lost while the command ran. */
    static final int LOST = 76;

    private ExitCode() {}

    /** As shells tell that a signal ended a process. */
    static int of(UnixSignal signal) {
        return 128 + signal.number();
    }
}
