/** Time from outside: the clocks and timers that engine and stores use, so that tests can decide them. */
@NullMarked
package dev.holdfast.lock.time;

import org.jspecify.annotations.NullMarked;
