/** Tests of the annotation. */
@NullMarked
package dev.holdfast.lock.spring;

import org.jspecify.annotations.NullMarked;
