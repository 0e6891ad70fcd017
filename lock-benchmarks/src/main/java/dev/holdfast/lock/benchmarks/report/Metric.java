package dev.holdfast.lock.benchmarks.report;

/** The names of the metrics that goals and plots need; tables show any. A cycle is an acquire and a release, a section what is held between. */
final class Metric {

    static final String CYCLES_PER_SECOND = "cyclesPerSecond";
    /** Of a cycle; of the wait where several contend. */
    static final String P50_MICROS = "p50Micros";

    static final String P99_MICROS = "p99Micros";
    /** From a release in one JVM to the grant in another. */
    static final String HAND_OVER_P50_MICROS = "handOverP50Micros";

    static final String HAND_OVER_P99_MICROS = "handOverP99Micros";
    /** Per cycle. */
    static final String CLIENT_CPU_MICROS = "clientCpuMicros";

    static final String SERVER_CPU_MICROS = "serverCpuMicros";
    /** Jain's index: 1 when all have the same share. */
    static final String JAIN_THREADS = "jainThreads";

    static final String JAIN_JVMS = "jainJvms";
    static final String LONGEST_WAIT_MILLIS = "longestWaitMillis";
    static final String VIOLATIONS = "violations";
    static final String RENEWALS_PER_SECOND = "renewalsPerSecond";
    /** Of one core. */
    static final String CLIENT_CPU_PERCENT = "clientCpuPercent";

    static final String HEAP_BYTES_PER_HOLD = "heapBytesPerHold";
    static final String HEAP_BYTES_PER_WAIT = "heapBytesPerWait";
    static final String WATCH_STREAMS = "watchStreams";
    /** Threads there are with the waits less threads there were before. */
    static final String EXTRA_THREADS = "extraThreads";

    private Metric() {}
}
