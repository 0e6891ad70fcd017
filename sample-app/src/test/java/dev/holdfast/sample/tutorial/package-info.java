/** The tutorial in docs, followed block by block. */
@NullMarked
package dev.holdfast.sample.tutorial;

import org.jspecify.annotations.NullMarked;
