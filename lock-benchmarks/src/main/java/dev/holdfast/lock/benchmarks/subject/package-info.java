/** What is measured: the locks and their peers, each behind the same two calls. */
@NullMarked
package dev.holdfast.lock.benchmarks.subject;

import org.jspecify.annotations.NullMarked;
