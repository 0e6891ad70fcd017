package dev.holdfast.sample;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The sample's own settings.
 *
 * @param instance what this instance calls itself in tickets and settlements
 * @param paymentTime how long the payment provider takes to answer
 * @param settlementPeriod each period of this length is settled once
 */
@ConfigurationProperties("sample")
public record SampleProperties(
        String instance,
        @DefaultValue("25ms") Duration paymentTime,
        @DefaultValue("1d") Duration settlementPeriod) {}
