@NullMarked
package dev.holdfast.sample.trial;

import org.jspecify.annotations.NullMarked;
