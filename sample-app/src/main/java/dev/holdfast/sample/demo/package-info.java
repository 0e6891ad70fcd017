/** Starts instances of the sample, sells out events, kills an instance, and tells what became of it. */
@NullMarked
package dev.holdfast.sample.demo;

import org.jspecify.annotations.NullMarked;
