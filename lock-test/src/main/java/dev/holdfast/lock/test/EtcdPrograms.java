package dev.holdfast.lock.test;

import java.util.List;
import java.util.Map;

/**
 * How etcd and etcdctl are started: without the variables that users set for an etcd of their own. One that says the same as a flag ends
 * either program at once.
 */
final class EtcdPrograms {

    /** On some processors etcd runs only with it, and no flag says the same. */
    private static final String PROCESSOR = "ETCD_UNSUPPORTED_ARCH";

    private EtcdPrograms() {}

    static ProcessBuilder process(List<String> command) {
        ProcessBuilder builder = new ProcessBuilder(command);
        cleanse(builder.environment());
        return builder;
    }

    static void cleanse(Map<String, String> environment) {
        environment.keySet().removeIf(name -> name.startsWith("ETCD") && !name.equals(PROCESSOR));
        environment.put("ETCDCTL_API", "3");
    }
}
