/**
 * What happened to locks, and the judge of it. Simulated processes and real ones write the same {@link
 * dev.holdfast.lock.history.Event}s; one {@link dev.holdfast.lock.history.Oracle} reads them.
 */
@NullMarked
package dev.holdfast.lock.history;

import org.jspecify.annotations.NullMarked;
