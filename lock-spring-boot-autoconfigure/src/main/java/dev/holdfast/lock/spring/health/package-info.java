/** Health of the store behind the locks. */
@NullMarked
package dev.holdfast.lock.spring.health;

import org.jspecify.annotations.NullMarked;
