package dev.holdfast.sample;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PricingTests {

    @ParameterizedTest
    @CsvSource({"0, 4000", "49, 4000", "50, 5000", "89, 5000", "90, 6000", "99, 6000"})
    void seatsGetDearerAsTheyGetRare(int sold, int price) {
        assertThat(Pricing.price(new Event(1, "Concert", 100, 4000), sold)).isEqualTo(price);
    }
}
