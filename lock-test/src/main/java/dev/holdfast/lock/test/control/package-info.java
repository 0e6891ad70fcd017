/**
 * For users' tests: locks in memory whose clock, network and other holders the test decides. Needs nothing but {@code lock-core}; for
 * Spring there is {@link dev.holdfast.lock.test.spring.AutoConfigureLockTest}.
 */
@NullMarked
package dev.holdfast.lock.test.control;

import org.jspecify.annotations.NullMarked;
