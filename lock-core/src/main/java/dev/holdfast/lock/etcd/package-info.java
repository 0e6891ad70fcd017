/** The store on etcd, on the channel of a jetcd client; the only package that sees jetcd or gRPC. */
@NullMarked
package dev.holdfast.lock.etcd;

import org.jspecify.annotations.NullMarked;
