/** Fencing across HTTP: the token goes with the request, and who receives it refuses a former holder. Needs spring-web. */
@NullMarked
package dev.holdfast.lock.spring.http;

import org.jspecify.annotations.NullMarked;
