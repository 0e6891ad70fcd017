/**
 * The port between the engine and what keeps the locks, in etcd's own terms: revisioned keys, nested transactions, leases, watches.
 * Everything is asynchronous. Keys and values are UTF-8 texts.
 */
@NullMarked
package dev.holdfast.lock.store;

import org.jspecify.annotations.NullMarked;
