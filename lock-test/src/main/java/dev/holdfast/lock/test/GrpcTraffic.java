package dev.holdfast.lock.test;

import dev.holdfast.lock.test.Http2Frames.Frame;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.netty.handler.codec.http2.DefaultHttp2HeadersEncoder;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2HeadersEncoder;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One gRPC connection on its way through a {@link GrpcLink}: knows which stream is a call of what, and drops the answers that are to
 * be lost. Each direction has one thread.
 */
final class GrpcTraffic implements TcpLink.Traffic {

    /** What is to become of an answer. */
    enum Fate {
        PASS,
        /** It is dropped with all that follows on its stream. */
        DROP,
        /** The connection ends before it. */
        CUT_BEFORE,
        /** The connection ends after it. */
        CUT_AFTER
    }

    /** Decides; asked by each connection's thread. */
    interface Fates {

        /** @param first whether it is the first message of the server on that call */
        Fate ofAnswer(String path, boolean first);
    }

    private static final Logger log = LoggerFactory.getLogger(GrpcTraffic.class);

    private static final int PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".length();
    private static final int MOST_HEADERS = 1 << 20;

    private final Fates fates;

    private final Http2Frames fromClient = new Http2Frames(PREFACE);
    private final Headers requests = new Headers();

    private final Http2Frames fromServer = new Http2Frames(0);
    private final Headers answers = new Headers();
    // Without a table that later headers refer to, so that some can be left out.
    private final DefaultHttp2HeadersEncoder encoder =
            new DefaultHttp2HeadersEncoder(Http2HeadersEncoder.ALWAYS_SENSITIVE);
    private final Set<Integer> dropped = ConcurrentHashMap.newKeySet();

    /** By stream; given by the client's thread before the server can answer. */
    private final Map<Integer, Call> calls = new ConcurrentHashMap<>();

    /** Bytes that the client will never acknowledge, since it never gets them. */
    private final AtomicInteger unacknowledged = new AtomicInteger();

    GrpcTraffic(Fates fates) {
        this.fates = fates;
    }

    private static final class Call {

        private final String path;
        private boolean answered;

        private Call(String path) {
            this.path = path;
        }
    }

    @Override
    public void toServer(byte[] bytes, OutputStream server) throws IOException {
        fromClient.feed(bytes, server, frame -> {
            Http2Headers headers = requests.take(frame);
            if (headers != null && headers.path() != null) {
                calls.put(frame.stream(), new Call(headers.path().toString()));
            }
            frame.writeTo(server);
            int owed = unacknowledged.getAndSet(0);
            // Not inside a block of headers.
            if (owed > 0 && requests.complete()) {
                Frame.windowUpdate(0, owed).writeTo(server);
            } else {
                unacknowledged.addAndGet(owed);
            }
        });
    }

    @Override
    public void toClient(byte[] bytes, OutputStream client) throws IOException {
        fromServer.feed(bytes, client, frame -> {
            switch (frame.type()) {
                case Http2Frames.HEADERS, Http2Frames.CONTINUATION -> headersToClient(frame, client);
                case Http2Frames.DATA -> dataToClient(frame, client);
                default -> {
                    if (!dropped.contains(frame.stream())) {
                        frame.writeTo(client);
                    }
                }
            }
        });
    }

    private void headersToClient(Frame frame, OutputStream client) throws IOException {
        Http2Headers headers = answers.take(frame);
        if (headers == null) {
            return;
        }
        boolean last = answers.endsStream;
        if (!dropped.contains(frame.stream())) {
            Frame.headers(frame.stream(), last, encoded(frame.stream(), headers))
                    .writeTo(client);
        }
        if (last) {
            calls.remove(frame.stream());
        }
    }

    private void dataToClient(Frame frame, OutputStream client) throws IOException {
        if (dropped.contains(frame.stream())) {
            unacknowledged.addAndGet(frame.payload().length);
            return;
        }
        Call call = calls.get(frame.stream());
        Fate fate = call == null || frame.payload().length == 0 ? Fate.PASS : fates.ofAnswer(call.path, !call.answered);
        if (call != null) {
            call.answered = true;
        }
        switch (fate) {
            case PASS -> frame.writeTo(client);
            case DROP -> {
                dropped.add(frame.stream());
                unacknowledged.addAndGet(frame.payload().length);
            }
            case CUT_BEFORE -> throw new TcpLink.Cut();
            case CUT_AFTER -> {
                frame.writeTo(client);
                throw new TcpLink.Cut();
            }
        }
    }

    private byte[] encoded(int stream, Http2Headers headers) throws IOException {
        ByteBuf block = Unpooled.buffer();
        try {
            encoder.encodeHeaders(stream, headers, block);
        } catch (Http2Exception failed) {
            throw broken(failed);
        }
        return ByteBufUtil.getBytes(block);
    }

    private static IOException broken(Http2Exception failure) {
        log.error("A gRPC connection could not be understood and ends", failure);
        return new TcpLink.Cut();
    }

    /** The header blocks of one direction, one after the other. */
    private static final class Headers {

        private final DefaultHttp2HeadersDecoder decoder = new DefaultHttp2HeadersDecoder(false, MOST_HEADERS);
        private final ByteArrayOutputStream block = new ByteArrayOutputStream();
        private boolean inside;
        private boolean endsStream;

        boolean complete() {
            return !inside;
        }

        /** The headers that end with this frame; null if none do. */
        @Nullable
        Http2Headers take(Frame frame) throws IOException {
            if (frame.type() != Http2Frames.HEADERS && frame.type() != Http2Frames.CONTINUATION) {
                return null;
            }
            if (frame.type() == Http2Frames.HEADERS) {
                endsStream = frame.endsStream();
            }
            block.writeBytes(frame.fragment());
            inside = !frame.endsHeaders();
            if (inside) {
                return null;
            }
            ByteBuf whole = Unpooled.wrappedBuffer(block.toByteArray());
            block.reset();
            try {
                return decoder.decodeHeaders(frame.stream(), whole);
            } catch (Http2Exception failed) {
                throw broken(failed);
            }
        }
    }
}
