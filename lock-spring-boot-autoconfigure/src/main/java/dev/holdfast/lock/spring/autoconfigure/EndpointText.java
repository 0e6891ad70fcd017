package dev.holdfast.lock.spring.autoconfigure;

import java.util.List;
import java.util.stream.Collectors;

/** Endpoints as they may be shown: what stands before an {@code @} could be a password. */
final class EndpointText {

    private EndpointText() {}

    static String of(List<String> endpoints) {
        return endpoints.stream()
                .map(endpoint -> endpoint.replaceFirst("^([^:/]*://)?.*@", "$1***@"))
                .collect(Collectors.joining(","));
    }
}
