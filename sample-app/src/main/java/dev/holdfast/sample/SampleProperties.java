package dev.holdfast.sample;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The sample's own settings.
 *
 * @param instance what this instance calls itself in tickets and settlements
 * @param paymentTime how long the payment provider takes to answer
 * @param settlementPeriod each period of this length is settled once
 * @param booking the locks of bookings
 * @param page the page in the browser
 */
@ConfigurationProperties("sample")
public record SampleProperties(
        String instance,
        @DefaultValue("25ms") Duration paymentTime,
        @DefaultValue("1d") Duration settlementPeriod,
        @DefaultValue Booking booking,
        @DefaultValue Page page) {

    /**
     * Read by {@code @DistributedLock} in {@link BoxOffice}; the till has the same TTL.
     *
     * @param ttl how long a crashed instance keeps an event closed at most
     * @param waitTime how long a customer waits for others
     */
    public record Booking(
            @DefaultValue("5s") Duration ttl,
            @DefaultValue("15s") Duration waitTime) {}

    /**
     * What the page shows and may do.
     *
     * @param controls whether its buttons work. They sell, and crash and freeze this process, for whoever can reach its port: for
     *     demonstrations only
     * @param url where browsers find this instance; http://localhost and the port if there is none
     * @param allowedOrigins of pages of other instances, as patterns
     * @param freeze how long the button stops the process
     * @param hammer how long the button lets customers rush in
     */
    public record Page(
            @DefaultValue("false") boolean controls,
            @Nullable String url,

            @DefaultValue({"http://localhost:[*]", "http://127.0.0.1:[*]"})
            List<String> allowedOrigins,

            @DefaultValue("40s") Duration freeze,
            @DefaultValue("10s") Duration hammer) {

        public Page {
            atLeastASecond("sample.page.freeze", freeze);
            atLeastASecond("sample.page.hammer", hammer);
        }

        private static void atLeastASecond(String property, Duration value) {
            if (value.toSeconds() < 1) {
                throw new IllegalArgumentException(property + " is " + value + "; give whole seconds, at least 1s");
            }
        }
    }
}
