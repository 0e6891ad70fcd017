/** The page: what goes on in all instances, as one of them sees it, sent to browsers twice a second. */
@NullMarked
package dev.holdfast.sample.page;

import org.jspecify.annotations.NullMarked;
