@NullMarked
package dev.holdfast.lock.spring.connection;

import org.jspecify.annotations.NullMarked;
