/** What one can do to the instances to see what the locks are good for. For demonstrations, off by default. */
@NullMarked
package dev.holdfast.sample.trial;

import org.jspecify.annotations.NullMarked;
