/** Tests of the fence in a database. */
@NullMarked
package dev.holdfast.lock.spring.jdbc;

import org.jspecify.annotations.NullMarked;
