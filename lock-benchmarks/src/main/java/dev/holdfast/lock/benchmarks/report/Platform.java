package dev.holdfast.lock.benchmarks.report;

import java.util.Comparator;

/** What a subject ran on: a JDK's major version, and the kind of its threads. */
record Platform(int jdk, boolean virtual) implements Comparable<Platform> {

    private static final Comparator<Platform> ORDER =
            Comparator.comparing(Platform::virtual).thenComparing(Platform::jdk);

    @Override
    public int compareTo(Platform other) {
        return ORDER.compare(this, other);
    }

    @Override
    public String toString() {
        return "JDK " + jdk + (virtual ? ", virtual threads" : ", platform threads");
    }
}
