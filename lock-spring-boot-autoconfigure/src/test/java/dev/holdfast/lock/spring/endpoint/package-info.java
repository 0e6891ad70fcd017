@NullMarked
package dev.holdfast.lock.spring.endpoint;

import org.jspecify.annotations.NullMarked;
