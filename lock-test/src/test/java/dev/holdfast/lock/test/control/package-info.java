@NullMarked
package dev.holdfast.lock.test.control;

import org.jspecify.annotations.NullMarked;
