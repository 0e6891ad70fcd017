/**
 * Test kit. For users: a real etcd for JUnit, shared or of one's own ({@link dev.holdfast.lock.test.EtcdExtension}, {@link
 * dev.holdfast.lock.test.EtcdServer}, {@link dev.holdfast.lock.test.EtcdCluster}), and locks in memory under the test's control, in
 * the packages {@code control} and {@code spring}. All else is for the tests of Holdfast itself and changes without notice: links,
 * stores and clocks with faults, and the tests every store and registry must pass.
 */
@NullMarked
package dev.holdfast.lock.test;

import org.jspecify.annotations.NullMarked;
