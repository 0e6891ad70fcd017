/** Tests of the locks of Spring Integration. */
@NullMarked
package dev.holdfast.lock.spring.integration;

import org.jspecify.annotations.NullMarked;
