package dev.holdfast.sample.demo;

import java.util.HashSet;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/**
 * What the scheduled job did.
 *
 * @param runs how often it ran, on any instance
 * @param twice periods settled more than once
 */
record Settlements(int runs, int twice) {

    static Settlements of(JsonNode settlements) {
        Set<String> periods = new HashSet<>();
        settlements.forEach(one -> periods.add(one.path("period").asString()));
        return new Settlements(settlements.size(), settlements.size() - periods.size());
    }
}
