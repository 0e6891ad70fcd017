package dev.holdfast.lock.spring.http;

import dev.holdfast.lock.LockHandle;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.springframework.http.HttpHeaders;
import org.springframework.web.util.UriUtils;

/**
 * A fencing token on its way in the headers of a request: {@value #TOKEN}, a decimal number, and {@value #NAME}, the names of the
 * lock in UTF-8 with percent-encoding, separated by commas; nearly always one. Immutable. Whoever receives it compares the token with the
 * greatest seen for each name, as {@link dev.holdfast.lock.spring.jdbc.JdbcFence} does, and must trust the sender as far as it trusts the
 * rest of the request.
 *
 * @param lockNames at least one, none blank
 * @param token positive
 */
public record FencingHeaders(List<String> lockNames, long token) {

    public static final String TOKEN = "Fencing-Token";
    public static final String NAME = "Lock-Name";

    /** @throws IllegalArgumentException if there is no name, if one is blank, or if the token is not positive */
    public FencingHeaders {
        lockNames = List.copyOf(lockNames);
        if (lockNames.isEmpty() || lockNames.stream().anyMatch(String::isBlank) || token <= 0) {
            throw new IllegalArgumentException("Lock names " + lockNames + " with the fencing token " + token
                    + ": give names and a positive token");
        }
    }

    /**
     * Of that hold; may draw the {@linkplain LockHandle#fencingToken() token}, with one write to etcd.
     *
     * @throws dev.holdfast.lock.LockLostException if the hold was lost before it had a token
     */
    public static FencingHeaders of(LockHandle hold) {
        return new FencingHeaders(hold.names(), hold.fencingToken());
    }

    /**
     * Of a request that was received; empty if it has neither header.
     *
     * @throws IllegalArgumentException if it has one without the other, two tokens, or what cannot be read: a bad request
     */
    public static Optional<FencingHeaders> from(HttpHeaders headers) {
        List<String> tokens = headers.getOrEmpty(TOKEN);
        List<String> names = headers.getOrEmpty(NAME);
        if (tokens.isEmpty() && names.isEmpty()) {
            return Optional.empty();
        }
        if (tokens.size() != 1 || names.isEmpty()) {
            throw new IllegalArgumentException("There are " + tokens.size() + " headers " + TOKEN + " and "
                    + names.size() + " headers " + NAME + "; send one of each, or neither");
        }
        return Optional.of(new FencingHeaders(decoded(names), number(tokens.get(0))));
    }

    /** Puts them into the headers of a request, in the place of others of that name. */
    public void addTo(HttpHeaders headers) {
        headers.set(TOKEN, Long.toString(token));
        headers.set(
                NAME,
                lockNames.stream()
                        .map(name -> UriUtils.encode(name, StandardCharsets.UTF_8))
                        .collect(Collectors.joining(",")));
    }

    /** Whoever is in between may write a list as several headers, and puts blanks after commas. */
    private static List<String> decoded(List<String> values) {
        return values.stream()
                .flatMap(value -> Stream.of(value.split(",", -1)))
                .map(name -> UriUtils.decode(name.strip(), StandardCharsets.UTF_8))
                .toList();
    }

    private static long number(String token) {
        try {
            return Long.parseLong(token.strip());
        } catch (NumberFormatException notANumber) {
            throw new IllegalArgumentException(
                    "The header " + TOKEN + " is \"" + token + "\"; send a decimal number", notANumber);
        }
    }
}
