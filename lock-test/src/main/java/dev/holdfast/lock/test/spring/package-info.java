/** For users' tests with Spring: an annotation that puts the locks of the context under the test's control. */
@NullMarked
package dev.holdfast.lock.test.spring;

import org.jspecify.annotations.NullMarked;
