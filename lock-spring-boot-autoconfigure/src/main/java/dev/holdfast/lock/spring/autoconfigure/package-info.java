/** What Spring Boot configures: properties, beans, health, metrics, shutdown, and messages for a start that fails. */
@NullMarked
package dev.holdfast.lock.spring.autoconfigure;

import org.jspecify.annotations.NullMarked;
