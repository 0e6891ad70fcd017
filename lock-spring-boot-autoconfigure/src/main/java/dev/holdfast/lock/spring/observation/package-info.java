/** Observations of waits and holds, with Micrometer, for tracing. */
@NullMarked
package dev.holdfast.lock.spring.observation;

import org.jspecify.annotations.NullMarked;
