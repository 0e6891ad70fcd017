package dev.holdfast.sample.page;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TokensTests {

    private final Tokens tokens = new Tokens();

    @Test
    void theGreatestTokenThatAnInstanceWroteIsThatOfItsHold() {
        tokens.add("till", "a", 17);
        tokens.add("till", "a", 12);
        assertThat(tokens.find("till", "a", 12)).isEqualTo(17);
    }

    @Test
    void aTokenFromBeforeTheEntryIsOfAnEarlierHold() {
        tokens.add("till", "a", 17);
        assertThat(tokens.find("till", "a", 18)).isNull();
    }

    @Test
    void tokensOfOtherInstancesAndLocksSayNothing() {
        tokens.add("till", "b", 17);
        tokens.add("door", "a", 17);
        assertThat(tokens.find("till", "a", 1)).isNull();
        assertThat(tokens.find("till", null, 1)).isNull();
    }
}
