@NullMarked
package dev.holdfast.lock.spring.kit;

import org.jspecify.annotations.NullMarked;
