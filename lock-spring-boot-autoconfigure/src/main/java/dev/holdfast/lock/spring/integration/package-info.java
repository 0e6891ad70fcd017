/** Holdfast's locks as a {@code LockRegistry} of Spring Integration; used only where the application has that. */
@NullMarked
package dev.holdfast.lock.spring.integration;

import org.jspecify.annotations.NullMarked;
