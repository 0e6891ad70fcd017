package dev.holdfast.lock.spring.endpoint;

import dev.holdfast.lock.LockUnavailableException;
import java.util.Map;
import java.util.function.Supplier;
import org.springframework.boot.actuate.endpoint.annotation.DeleteOperation;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.Selector;
import org.springframework.boot.actuate.endpoint.annotation.Selector.Match;
import org.springframework.boot.actuate.endpoint.web.WebEndpointResponse;
import org.springframework.boot.actuate.endpoint.web.annotation.EndpointWebExtension;

/** Tells with the status of HTTP what went wrong: 503 when the store does not answer, 404 when an entry to remove is not there. */
@EndpointWebExtension(endpoint = LocksEndpoint.class)
public final class LocksEndpointWebExtension {

    private final LocksEndpoint endpoint;

    public LocksEndpointWebExtension(LocksEndpoint endpoint) {
        this.endpoint = endpoint;
    }

    /** As {@link LocksEndpoint#queue}. */
    @ReadOperation
    public WebEndpointResponse<Object> queue(@Selector(match = Match.ALL_REMAINING) String... name) {
        return answer(() -> new WebEndpointResponse<>(endpoint.queue(name)));
    }

    /** As {@link LocksEndpoint#release}. */
    @DeleteOperation
    public WebEndpointResponse<Object> release(
            @Selector(match = Match.ALL_REMAINING) String[] name, long createRevision) {
        return answer(() -> {
            RemovalDescriptor removal = endpoint.release(name, createRevision);
            return new WebEndpointResponse<>(
                    removal, removal.removed() ? WebEndpointResponse.STATUS_OK : WebEndpointResponse.STATUS_NOT_FOUND);
        });
    }

    private static WebEndpointResponse<Object> answer(Supplier<WebEndpointResponse<Object>> question) {
        try {
            return question.get();
        } catch (LockUnavailableException failure) {
            return new WebEndpointResponse<>(
                    Map.of("error", String.valueOf(failure.getMessage())),
                    WebEndpointResponse.STATUS_SERVICE_UNAVAILABLE);
        }
    }
}
