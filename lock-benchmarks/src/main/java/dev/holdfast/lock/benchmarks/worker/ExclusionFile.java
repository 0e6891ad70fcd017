package dev.holdfast.lock.benchmarks.worker;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.atomic.LongAdder;

/**
 * Sees two holders of one name, in one process or several: all of them map one file, where each name has a slot with the word of its holder.
 * Also remembers when the last holder began to release. Thread-safe.
 */
final class ExclusionFile {

    private static final VarHandle LONGS = MethodHandles.byteBufferViewVarHandle(long[].class, ByteOrder.nativeOrder());
    /** A cache line, so that unrelated names do not slow each other down. */
    private static final int SLOT_BYTES = 64;

    private static final int OWNER = 0;
    private static final int LAST_JVM = 8;
    private static final int RELEASED_AT = 16;

    private final ByteBuffer slots;
    private final int jvm;
    private final LongAdder violations = new LongAdder();

    /**
     * @param jvm number of this process, from 0
     */
    ExclusionFile(Path file, int slotCount, int jvm) {
        this.jvm = jvm;
        try (FileChannel channel =
                FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.CREATE)) {
            slots = channel.map(FileChannel.MapMode.READ_WRITE, 0, (long) slotCount * SLOT_BYTES);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    /** Whether nobody else was there; then {@link #exit} must follow. */
    boolean enter(int slot, int thread) {
        boolean alone = LONGS.compareAndSet(slots, slot * SLOT_BYTES + OWNER, 0L, word(thread));
        if (!alone) {
            violations.increment();
        }
        return alone;
    }

    /** When the holder before began to release, as {@link System#nanoTime()}, if it was another process; otherwise 0. */
    long releasedElsewhere(int slot) {
        long last = (long) LONGS.get(slots, slot * SLOT_BYTES + LAST_JVM);
        return last == 0 || last == jvm + 1 ? 0 : (long) LONGS.get(slots, slot * SLOT_BYTES + RELEASED_AT);
    }

    /** To be called just before the release. */
    void exit(int slot, int thread, long now) {
        LONGS.set(slots, slot * SLOT_BYTES + LAST_JVM, (long) jvm + 1);
        LONGS.set(slots, slot * SLOT_BYTES + RELEASED_AT, now);
        if (!LONGS.compareAndSet(slots, slot * SLOT_BYTES + OWNER, word(thread), 0L)) {
            violations.increment();
        }
    }

    long violations() {
        return violations.sum();
    }

    private long word(int thread) {
        return ((long) jvm + 1) << 32 | thread + 1L;
    }
}
