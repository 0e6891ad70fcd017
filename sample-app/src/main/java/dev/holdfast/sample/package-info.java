/** A small service that sells tickets for events, run as several instances over one database. */
@NullMarked
package dev.holdfast.sample;

import org.jspecify.annotations.NullMarked;
