/** Leader election as a bean: a candidate that stands while the application runs, and events. */
@NullMarked
package dev.holdfast.lock.spring.election;

import org.jspecify.annotations.NullMarked;
