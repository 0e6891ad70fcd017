package dev.holdfast.lock.test;

import java.util.concurrent.Executors;
import java.util.concurrent.ThreadFactory;

/** Virtual threads where the JDK has them (21 and later), platform threads elsewhere, so that one test serves both. */
public final class VirtualThreads {

    private VirtualThreads() {}

    public static boolean supported() {
        return Runtime.version().feature() >= 21;
    }

    /** Virtual if {@link #supported()}. By reflection, since the code is compiled for 17. */
    public static ThreadFactory factory() {
        if (!supported()) {
            return Executors.defaultThreadFactory();
        }
        try {
            Object builder = Thread.class.getMethod("ofVirtual").invoke(null);
            return (ThreadFactory) Class.forName("java.lang.Thread$Builder")
                    .getMethod("factory")
                    .invoke(builder);
        } catch (ReflectiveOperationException impossible) {
            throw new IllegalStateException("This JDK should have virtual threads", impossible);
        }
    }
}
