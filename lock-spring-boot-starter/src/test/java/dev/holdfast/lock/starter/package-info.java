@NullMarked
package dev.holdfast.lock.starter;

import org.jspecify.annotations.NullMarked;
