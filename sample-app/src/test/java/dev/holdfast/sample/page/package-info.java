@NullMarked
package dev.holdfast.sample.page;

import org.jspecify.annotations.NullMarked;
