/** Test kit: an etcd for JUnit, a clock and a store under control, and the tests every store and registry must pass. */
@NullMarked
package dev.holdfast.lock.test;

import org.jspecify.annotations.NullMarked;
