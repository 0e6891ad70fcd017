package dev.holdfast.lock.spring.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.http.HttpHeaders;

class FencingHeadersTests {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "orders",
                "order:42/a b",
                "100% sure + more",
                "Bestellung für Zoë 🎟",
                "evil\r\nAuthorization: Bearer x"
            })
    void anyNameArrives(String name) {
        HttpHeaders headers = new HttpHeaders();
        new FencingHeaders(List.of(name), 4711).addTo(headers);

        assertThat(headers.getFirst("Fencing-Token")).isEqualTo("4711");
        assertThat(headers.getFirst("Lock-Name")).matches("[!-~]+");
        assertThat(FencingHeaders.from(headers)).contains(new FencingHeaders(List.of(name), 4711));
    }

    @Test
    void theyReplaceWhatWasThere() {
        HttpHeaders headers = new HttpHeaders();
        new FencingHeaders(List.of("outer"), 5).addTo(headers);
        new FencingHeaders(List.of("inner"), 7).addTo(headers);

        assertThat(FencingHeaders.from(headers)).contains(new FencingHeaders(List.of("inner"), 7));
    }

    @Test
    void severalNamesAreAList() {
        HttpHeaders headers = new HttpHeaders();
        FencingHeaders both = new FencingHeaders(List.of("account:17", "a, b"), 5);
        both.addTo(headers);

        assertThat(headers.getFirst("Lock-Name")).isEqualTo("account%3A17,a%2C%20b");
        assertThat(FencingHeaders.from(headers)).contains(both);
        headers.remove("Lock-Name");
        headers.add("Lock-Name", "account%3A17");
        headers.add("Lock-Name", "a%2C%20b");
        assertThat(FencingHeaders.from(headers)).contains(both);
    }

    @Test
    void aRequestWithoutThemHasNone() {
        assertThat(FencingHeaders.from(new HttpHeaders())).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "4711                 |        | 1 headers Fencing-Token and 0 headers Lock-Name",
                "                     | orders | 0 headers Fencing-Token and 1 headers Lock-Name",
                "many                 | orders | decimal number",
                "99999999999999999999 | orders | decimal number",
                "0                    | orders | positive",
                "-5                   | orders | positive",
                "5                    | %20    | give names",
                "5                    | %zz    | %zz",
            })
    void whatCannotBeReadIsABadRequest(String token, String name, String reason) {
        HttpHeaders headers = new HttpHeaders();
        if (token != null) {
            headers.set(FencingHeaders.TOKEN, token);
        }
        if (name != null) {
            headers.set(FencingHeaders.NAME, name);
        }

        assertThatIllegalArgumentException()
                .isThrownBy(() -> FencingHeaders.from(headers))
                .withMessageContaining(reason);
    }

    @Test
    void twoTokensAreABadRequest() {
        HttpHeaders headers = new HttpHeaders();
        new FencingHeaders(List.of("orders"), 5).addTo(headers);
        headers.add(FencingHeaders.TOKEN, "7");

        assertThatIllegalArgumentException()
                .isThrownBy(() -> FencingHeaders.from(headers))
                .withMessageContaining("2 headers Fencing-Token");
    }
}
