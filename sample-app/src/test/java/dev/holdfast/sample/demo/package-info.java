@NullMarked
package dev.holdfast.sample.demo;

import org.jspecify.annotations.NullMarked;
