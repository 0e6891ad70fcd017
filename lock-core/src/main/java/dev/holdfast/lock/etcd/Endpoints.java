package dev.holdfast.lock.etcd;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.List;

/** Checked addresses of etcd members. jetcd accepts several that can never work, and then hangs. */
record Endpoints(List<URI> uris, boolean tls) {

    Endpoints {
        uris = List.copyOf(uris);
    }

    /** @throws IllegalArgumentException naming the first endpoint that cannot work, and what to write instead */
    static Endpoints parse(List<String> texts) {
        if (texts.isEmpty()) {
            throw new IllegalArgumentException(
                    "endpoints is empty; give at least one, for example http://localhost:2379");
        }
        List<URI> uris = new ArrayList<>();
        for (String text : texts) {
            uris.add(parse(text));
        }
        boolean tls = uris.get(0).getScheme().equals("https");
        if (uris.stream().anyMatch(uri -> uri.getScheme().equals("https") != tls)) {
            throw new IllegalArgumentException("endpoints " + uris
                    + " mix http and https; one client speaks either, so write all with the same scheme");
        }
        return new Endpoints(uris, tls);
    }

    /** The endpoints as a target of gRPC. */
    String target() {
        return EndpointResolver.target(uris);
    }

    private static URI parse(String raw) {
        String text = raw.strip();
        if (text.isEmpty()) {
            throw new IllegalArgumentException(
                    "endpoints contains a blank entry; remove it or write, for example, http://localhost:2379");
        }
        if (text.contains(",")) {
            throw wrong(text, "is several in one text", "give each endpoint as an entry of its own");
        }
        if (!text.contains("://")) {
            throw wrong(text, "has no scheme", "write \"http://" + withoutUserInfo(text) + "\", or https:// with TLS");
        }
        URI uri;
        try {
            uri = new URI(text);
        } catch (URISyntaxException malformed) {
            throw wrong(text, "is not a URL (" + malformed.getReason() + ")", "write it as http://host:port");
        }
        String scheme = String.valueOf(uri.getScheme()).toLowerCase(java.util.Locale.ROOT);
        if (!scheme.equals("http") && !scheme.equals("https")) {
            throw wrong(text, "has the scheme \"" + scheme + "\"", "use http:// or https://");
        }
        if (uri.getRawUserInfo() != null || (uri.getHost() == null && text.contains("@"))) {
            throw wrong(text, "contains a user", "use username(...) and password(...) instead");
        }
        if (uri.getHost() == null) {
            throw wrong(
                    text,
                    "has no usable host name (letters, digits, - and . are allowed; _ is not) or port",
                    "write it as http://host:port");
        }
        if (uri.getPort() == 0 || uri.getPort() > 65_535) {
            throw wrong(text, "has the port " + uri.getPort(), "use the client port of etcd, by default 2379");
        }
        String rest = uri.getRawPath() == null ? "" : uri.getRawPath();
        if (!(rest.isEmpty() || rest.equals("/")) || uri.getRawQuery() != null || uri.getRawFragment() != null) {
            throw wrong(
                    text,
                    "has a path, query or fragment",
                    "write only http://host:port; key prefixes go to keyPrefix(...) or namespace(...)");
        }
        return URI.create(scheme + "://" + uri.getHost() + (uri.getPort() < 0 ? "" : ":" + uri.getPort()));
    }

    private static IllegalArgumentException wrong(String text, String what, String remedy) {
        return new IllegalArgumentException(
                "endpoints contains \"" + withoutUserInfo(text) + "\", which " + what + "; " + remedy);
    }

    /** A password can stand in a URL; it must not reach a log. */
    private static String withoutUserInfo(String text) {
        int at = text.lastIndexOf('@');
        int start = text.indexOf("://");
        return at < 0 ? text : text.substring(0, start < 0 ? 0 : start + 3) + "***" + text.substring(at);
    }

    @Override
    public String toString() {
        return uris.toString();
    }
}
