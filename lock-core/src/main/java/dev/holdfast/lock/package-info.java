/** The contract: what a user of the locks sees, whichever store is behind it. */
@NullMarked
package dev.holdfast.lock;

import org.jspecify.annotations.NullMarked;
