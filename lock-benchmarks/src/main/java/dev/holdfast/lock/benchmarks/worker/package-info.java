/** The process that measures: it does one assignment and prints one outcome. */
@NullMarked
package dev.holdfast.lock.benchmarks.worker;

import org.jspecify.annotations.NullMarked;
