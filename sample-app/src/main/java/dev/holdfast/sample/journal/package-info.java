/** What happens to the instances, in the database, so that the others can tell of one that is gone. */
@NullMarked
package dev.holdfast.sample.journal;

import org.jspecify.annotations.NullMarked;
