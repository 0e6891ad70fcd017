/** The locks themselves: sessions, queues, protocol, renewal and loss; above the store port and fed with time from outside. */
@NullMarked
package dev.holdfast.lock.engine;

import org.jspecify.annotations.NullMarked;
