package dev.holdfast.lock.faults;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** A user's connection to the {@link ResourceServer}. Not thread-safe. */
final class Resource {

    private final Socket socket;
    private final BufferedReader in;

    Resource(int port) {
        try {
            socket = new Socket(InetAddress.getLoopbackAddress(), port);
            socket.setTcpNoDelay(true);
            in = new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    /** Adds one to the value, by a read and a write; a later holder's token makes it do nothing. */
    void increment(String name, long hold, long token) {
        String value = ask("read " + name + " " + token);
        if (value.equals("refused")) {
            // Also tries: the resource must refuse this as well.
            value = "0";
        }
        ask("write " + name + " " + token + " " + (Long.parseLong(value) + 1) + " " + hold);
    }

    private String ask(String line) {
        try {
            socket.getOutputStream().write((line + "\n").getBytes(StandardCharsets.UTF_8));
            String answer = in.readLine();
            if (answer == null) {
                throw new IOException("the resource has gone");
            }
            return answer;
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }
}
