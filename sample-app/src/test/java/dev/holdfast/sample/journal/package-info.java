@NullMarked
package dev.holdfast.sample.journal;

import org.jspecify.annotations.NullMarked;
