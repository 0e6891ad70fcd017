/** Fencing in a database: refuses the late write of a former holder. Needs spring-jdbc. */
@NullMarked
package dev.holdfast.lock.spring.jdbc;

import org.jspecify.annotations.NullMarked;
