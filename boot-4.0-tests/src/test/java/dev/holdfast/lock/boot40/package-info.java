/** The starter on Spring Boot 4.0. */
@NullMarked
package dev.holdfast.lock.boot40;

import org.jspecify.annotations.NullMarked;
