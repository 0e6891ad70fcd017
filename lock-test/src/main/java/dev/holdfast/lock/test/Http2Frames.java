package dev.holdfast.lock.test;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;

/** Cuts the bytes of one direction of an HTTP/2 connection into frames, however they arrive. Not thread-safe. */
final class Http2Frames {

    static final int DATA = 0;
    static final int HEADERS = 1;
    static final int WINDOW_UPDATE = 8;
    static final int CONTINUATION = 9;

    private static final int HEAD = 9;
    private static final int END_STREAM = 0x1;
    private static final int END_HEADERS = 0x4;
    private static final int PADDED = 0x8;
    private static final int PRIORITY = 0x20;

    /** What becomes of a frame. */
    interface Sink {
        void accept(Frame frame) throws IOException;
    }

    /** One frame, payload as it came. */
    record Frame(int type, int flags, int stream, byte[] payload) {

        static Frame headers(int stream, boolean last, byte[] block) {
            return new Frame(HEADERS, END_HEADERS | (last ? END_STREAM : 0), stream, block);
        }

        static Frame windowUpdate(int stream, int bytes) {
            return new Frame(
                    WINDOW_UPDATE,
                    0,
                    stream,
                    ByteBuffer.allocate(4).putInt(bytes).array());
        }

        boolean endsStream() {
            return (type == DATA || type == HEADERS) && (flags & END_STREAM) != 0;
        }

        boolean endsHeaders() {
            return (flags & END_HEADERS) != 0;
        }

        /** The part of a header block in it. */
        byte[] fragment() {
            if (type != HEADERS) {
                return payload;
            }
            int start = 0;
            int end = payload.length;
            if ((flags & PADDED) != 0) {
                start = 1;
                end -= payload[0] & 0xff;
            }
            if ((flags & PRIORITY) != 0) {
                start += 5;
            }
            return Arrays.copyOfRange(payload, start, end);
        }

        void writeTo(OutputStream out) throws IOException {
            ByteBuffer bytes = ByteBuffer.allocate(HEAD + payload.length);
            bytes.putInt(payload.length << 8 | type);
            bytes.put((byte) flags).putInt(stream).put(payload);
            out.write(bytes.array());
        }
    }

    private int prefaceLeft;
    private byte[] rest = new byte[0];

    /** @param preface bytes that come before the first frame */
    Http2Frames(int preface) {
        prefaceLeft = preface;
    }

    void feed(byte[] bytes, OutputStream out, Sink sink) throws IOException {
        int start = Math.min(prefaceLeft, bytes.length);
        out.write(bytes, 0, start);
        prefaceLeft -= start;
        ByteArrayOutputStream joined = new ByteArrayOutputStream();
        joined.writeBytes(rest);
        joined.write(bytes, start, bytes.length - start);
        ByteBuffer all = ByteBuffer.wrap(joined.toByteArray());
        while (all.remaining() >= HEAD) {
            int lengthAndType = all.getInt(all.position());
            int length = lengthAndType >>> 8;
            if (all.remaining() < HEAD + length) {
                break;
            }
            all.getInt();
            int flags = all.get() & 0xff;
            int stream = all.getInt() & Integer.MAX_VALUE;
            byte[] payload = new byte[length];
            all.get(payload);
            sink.accept(new Frame(lengthAndType & 0xff, flags, stream, payload));
        }
        rest = Arrays.copyOfRange(all.array(), all.position(), all.limit());
    }
}
