package dev.holdfast.lock.spring.endpoint;

import com.fasterxml.jackson.annotation.JsonInclude;
import org.jspecify.annotations.Nullable;

/**
 * Answer to {@code DELETE /actuator/locks/{name}}.
 *
 * @param removed whether the entry was there
 * @param entry as it was before; left out of the JSON if it was not there
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record RemovalDescriptor(boolean removed, QueueDescriptor.@Nullable Entry entry) {}
