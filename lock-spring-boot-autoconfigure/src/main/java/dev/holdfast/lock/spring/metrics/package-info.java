/** Meters of locks and sessions, with Micrometer. */
@NullMarked
package dev.holdfast.lock.spring.metrics;

import org.jspecify.annotations.NullMarked;
