/** ShedLock's locks, kept by Holdfast. */
@NullMarked
package dev.holdfast.lock.spring.shedlock;

import org.jspecify.annotations.NullMarked;
