/** The process that plans a run, starts servers and workers, and writes down what was measured. */
@NullMarked
package dev.holdfast.lock.benchmarks.run;

import org.jspecify.annotations.NullMarked;
