/** What the harness measured, as tables, goals and plots. */
@NullMarked
package dev.holdfast.lock.benchmarks.report;

import org.jspecify.annotations.NullMarked;
