package dev.holdfast.lock.cli;

/** The signals that ask a program to end. */
enum UnixSignal {
    HUP(1),
    INT(2),
    TERM(15);

    private final int number;

    UnixSignal(int number) {
        this.number = number;
    }

    /** The same on every system that has them. */
    int number() {
        return number;
    }
}
