package dev.holdfast.sample.demo;

import java.time.Duration;
import tools.jackson.databind.JsonNode;

/**
 * What an instance said.
 *
 * @param status of HTTP
 * @param took from the request to the answer
 */
record Answer(int status, JsonNode body, Duration took) {

    boolean isBooked() {
        return status == 201;
    }

    /** Why not, in a word. */
    String reason() {
        return body.path("reason").asString("");
    }
}
