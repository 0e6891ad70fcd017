package dev.holdfast.lock.test;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class EtcdServerTests {

    @Test
    void variablesMeantForAnotherEtcdAreOfNoConcernToIt() throws Exception {
        Map<String, String> another = Map.of(
                "ETCD_NAME", "another",
                "ETCD_DATA_DIR", "/nowhere",
                "ETCD_LISTEN_CLIENT_URLS", "http://127.0.0.1:1",
                "ETCDCTL_ENDPOINTS", "http://127.0.0.1:1",
                "ETCDCTL_USER", "nobody:wrong");

        assertThat(outputOf(Application.class, another)).contains("is healthy", "member-0");
    }

    @Test
    void whatEtcdCannotDoWithoutStays() {
        Map<String, String> environment = new HashMap<>(
                Map.of("ETCD_UNSUPPORTED_ARCH", "arm64", "ETCD_NAME", "another", "HOLDFAST_ETCD_ENDPOINTS", "here"));

        EtcdPrograms.cleanse(environment);

        assertThat(environment)
                .containsOnly(
                        Map.entry("ETCD_UNSUPPORTED_ARCH", "arm64"),
                        Map.entry("HOLDFAST_ETCD_ENDPOINTS", "here"),
                        Map.entry("ETCDCTL_API", "3"));
    }

    private static String outputOf(Class<?> application, Map<String, String> variables)
            throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        application.getName())
                .redirectErrorStream(true);
        builder.environment().putAll(variables);
        Process process = builder.start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
        return output;
    }

    /** What a user's test does. */
    static final class Application {

        private Application() {}

        public static void main(String[] none) {
            try (EtcdServer etcd = EtcdServer.start()) {
                System.out.println(etcd.etcdctl("endpoint", "health"));
                System.out.println(etcd.etcdctl("member", "list"));
            }
        }
    }
}
