/** Benchmarks; every figure is a ratio or a difference to another one of the same run. */
@NullMarked
package dev.holdfast.lock.benchmarks;

import org.jspecify.annotations.NullMarked;
