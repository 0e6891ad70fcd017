/** The store port inside one JVM: a small model of etcd, for tests, development and simulation. */
@NullMarked
package dev.holdfast.lock.memory;

import org.jspecify.annotations.NullMarked;
