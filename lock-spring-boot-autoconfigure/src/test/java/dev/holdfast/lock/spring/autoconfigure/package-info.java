/** Tests of the auto-configuration. */
@NullMarked
package dev.holdfast.lock.spring.autoconfigure;

import org.jspecify.annotations.NullMarked;
