/** Locks by annotation: {@code @DistributedLock}, its advisor, and the check at start-up that no annotated method runs unlocked. */
@NullMarked
package dev.holdfast.lock.spring;

import org.jspecify.annotations.NullMarked;
