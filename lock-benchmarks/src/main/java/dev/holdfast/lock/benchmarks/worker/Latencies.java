package dev.holdfast.lock.benchmarks.worker;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Base64;
import java.util.zip.DataFormatException;
import org.HdrHistogram.Histogram;

/** A histogram of nanoseconds, precise to two digits, that travels between processes as text. Not thread-safe. */
public final class Latencies {

    private static final double NANOS_PER_MICRO = 1_000;

    private final Histogram histogram;

    public Latencies() {
        this(new Histogram(2));
    }

    private Latencies(Histogram histogram) {
        this.histogram = histogram;
    }

    public static Latencies decoded(String text) {
        try {
            return new Latencies(Histogram.decodeFromCompressedByteBuffer(
                    ByteBuffer.wrap(Base64.getDecoder().decode(text)), 0));
        } catch (DataFormatException broken) {
            throw new IllegalArgumentException("Not a histogram", broken);
        }
    }

    public void record(long nanos) {
        histogram.recordValue(Math.max(0, nanos));
    }

    public void add(Latencies other) {
        histogram.add(other.histogram);
    }

    public long count() {
        return histogram.getTotalCount();
    }

    public double percentileMicros(double percentile) {
        return histogram.getValueAtPercentile(percentile) / NANOS_PER_MICRO;
    }

    public double meanMicros() {
        return histogram.getMean() / NANOS_PER_MICRO;
    }

    public String encoded() {
        ByteBuffer buffer = ByteBuffer.allocate(histogram.getNeededByteBufferCapacity());
        int length = histogram.encodeIntoCompressedByteBuffer(buffer);
        return Base64.getEncoder().encodeToString(Arrays.copyOf(buffer.array(), length));
    }
}
