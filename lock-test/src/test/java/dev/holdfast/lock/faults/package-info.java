/**
 * Locks on a real etcd while it, its network, its disk or the processes that use it are being broken. Workers are processes of their own;
 * what happened to them is judged by the {@link dev.holdfast.lock.history.Oracle}.
 */
@NullMarked
package dev.holdfast.lock.faults;

import org.jspecify.annotations.NullMarked;
