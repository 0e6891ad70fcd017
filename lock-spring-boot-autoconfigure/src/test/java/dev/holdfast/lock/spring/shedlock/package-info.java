@NullMarked
package dev.holdfast.lock.spring.shedlock;

import org.jspecify.annotations.NullMarked;
