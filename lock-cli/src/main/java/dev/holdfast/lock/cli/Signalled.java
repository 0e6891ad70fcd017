package dev.holdfast.lock.cli;

/** A signal came while there was nothing to pass it on to: whatever is under way is withdrawn, and the program ends. */
final class Signalled extends Exception {

    private final UnixSignal signal;

    Signalled(UnixSignal signal) {
        super("SIG" + signal, null, false, false);
        this.signal = signal;
    }

    UnixSignal signal() {
        return signal;
    }
}
