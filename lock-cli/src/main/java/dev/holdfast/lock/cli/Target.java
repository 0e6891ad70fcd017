package dev.holdfast.lock.cli;

/** Whom a signal is for: a process, or all of its group. */
record Target(long pid, boolean group) {

    /** As {@code kill} wants it. */
    @Override
    public String toString() {
        return group ? "-" + pid : Long.toString(pid);
    }
}
