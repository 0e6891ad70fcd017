package dev.holdfast.lock.faults;

/** Breaks something while locks are used, and mends it again. */
interface Nemesis {

    /** Returns when nothing it did is left. */
    void strike(Rig rig);
}
