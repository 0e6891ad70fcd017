/** Servers that a run starts and ends, with data of their own in a temporary directory. */
@NullMarked
package dev.holdfast.lock.benchmarks.server;

import org.jspecify.annotations.NullMarked;
