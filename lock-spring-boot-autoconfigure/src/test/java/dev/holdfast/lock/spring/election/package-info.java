/** Tests of leader election as a bean. */
@NullMarked
package dev.holdfast.lock.spring.election;

import org.jspecify.annotations.NullMarked;
