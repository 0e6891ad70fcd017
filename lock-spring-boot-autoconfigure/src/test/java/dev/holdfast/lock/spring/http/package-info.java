/** Tests of fencing across HTTP. */
@NullMarked
package dev.holdfast.lock.spring.http;

import org.jspecify.annotations.NullMarked;
