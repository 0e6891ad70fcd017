/**
 * The engine in a simulated world: several JVMs with threads, a network and a cluster of etcd members, all on one virtual clock. One
 * seed is one course of events. {@link dev.holdfast.lock.simulation.Simulation} is the way in.
 */
@NullMarked
package dev.holdfast.lock.simulation;

import org.jspecify.annotations.NullMarked;
