package dev.holdfast.lock.benchmarks.worker;

/** One assignment: the constructor prepares, up to the barrier. */
interface WorkerTask {

    /** Does the work and returns after the end of the window. */
    Outcome run(Window window) throws Exception;
}
