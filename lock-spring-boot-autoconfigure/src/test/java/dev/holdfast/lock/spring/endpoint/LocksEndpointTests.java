package dev.holdfast.lock.spring.endpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.LockLoss;
import dev.holdfast.lock.spring.endpoint.EndpointApplication.Answer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/** The endpoint over HTTP, with locks inside this process. */
@ExtendWith(OutputCaptureExtension.class)
class LocksEndpointTests {

    private static final Duration LONG = Duration.ofSeconds(60);

    private static EndpointApplication readOnly;
    private static EndpointApplication unrestricted;

    @BeforeAll
    static void start() {
        readOnly = EndpointApplication.start(
                "holdfast.store=memory",
                "spring.application.name=tickets",
                "management.endpoints.web.exposure.include=locks");
        unrestricted = EndpointApplication.start(
                "holdfast.store=memory",
                "spring.application.name=tickets",
                "management.endpoints.web.exposure.include=locks",
                "management.endpoint.locks.access=unrestricted");
    }

    @AfterAll
    static void stop() {
        readOnly.close();
        unrestricted.close();
    }

    @AfterEach
    void nothingIsLeft() {
        await().untilAsserted(() ->
                assertThat(readOnly.registry().inspection().list("", 1).names()).isEmpty());
        await().untilAsserted(() -> assertThat(
                        unrestricted.registry().inspection().list("", 1).names())
                .isEmpty());
    }

    @Test
    void nobodyHoldsAnything() throws Exception {
        Answer answer = readOnly.get("");

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.<Map<String, Object>>at("$")).containsOnlyKeys("local", "names");
        assertThat(answer.<List<?>>at("$.local")).isEmpty();
        assertThat(answer.<List<?>>at("$.names")).isEmpty();
    }

    @Test
    void theInstanceShowsWhatItHoldsAndWaitsFor() throws Exception {
        LockHandle held = readOnly.registry().lock("orders/42").acquire();
        CompletableFuture<Optional<LockHandle>> waiting =
                readOnly.registry().lock("orders/42").tryAcquireAsync(LONG);

        Answer answer = readOnly.get("");

        assertThat(answer.<Map<String, Object>>at("$.local[0]"))
                .containsEntry("names", List.of("orders/42"))
                .containsEntry("role", "holder")
                .containsEntry("kind", "exclusive")
                .containsEntry("permits", 1)
                .containsEntry("thread", Thread.currentThread().getName())
                .containsEntry("fencingToken", (int) held.fencingToken())
                .containsOnlyKeys("names", "role", "kind", "permits", "thread", "ageMillis", "fencingToken", "lease");
        assertThat(answer.<Map<String, Object>>at("$.local[1]"))
                .containsEntry("role", "waiter")
                .containsOnlyKeys("names", "role", "kind", "permits", "thread", "ageMillis");
        assertThat(answer.<List<Object>>at("$.names"))
                .containsExactly(
                        Map.of("name", "orders/42", "kind", "exclusive", "permits", 1, "holders", 1, "waiters", 0));
        waiting.cancel(false);
        held.release();
    }

    @Test
    void oneNameShowsItsHolder() throws Exception {
        LockHandle held = readOnly.registry()
                .lock("orders/42", readOnly.registry().defaults().withMetadata(Map.of("job", "import")))
                .acquire();

        Answer answer = readOnly.get("/orders/42");

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.<Map<String, Object>>at("$")).containsOnlyKeys("name", "holders", "waiters");
        assertThat(answer.<String>at("$.name")).isEqualTo("orders/42");
        assertThat(answer.<List<?>>at("$.holders")).hasSize(1);
        assertThat(answer.<List<?>>at("$.waiters")).isEmpty();
        assertThat(answer.<Map<String, Object>>at("$.holders[0]"))
                .containsEntry("createRevision", (int) held.fencingToken())
                .containsEntry("own", true)
                .containsEntry("kind", "exclusive")
                .containsEntry("permits", 1)
                .containsEntry("metadata", Map.of("job", "import"))
                .containsOnlyKeys(
                        "createRevision",
                        "own",
                        "kind",
                        "permits",
                        "owner",
                        "since",
                        "metadata",
                        "lease",
                        "remainingMillis",
                        "key");
        assertThat(answer.<Map<String, Object>>at("$.holders[0].owner"))
                .containsEntry("application", "tickets")
                .containsEntry("pid", (int) ProcessHandle.current().pid())
                .containsEntry("thread", Thread.currentThread().getName())
                .containsOnlyKeys("application", "host", "pid", "thread");
        assertThat(answer.<String>at("$.holders[0].since")).endsWith("Z");
        assertThat(answer.<Integer>at("$.holders[0].remainingMillis")).isBetween(1, 30_000);
        held.release();
    }

    @Test
    void aNameMayHaveLettersOfAllKinds() throws Exception {
        LockHandle held = readOnly.registry().lock("Käufe 100%/ö").acquire();

        assertThat(readOnly.get("/K%C3%A4ufe%20100%25/%C3%B6").<List<?>>at("$.holders"))
                .hasSize(1);
        assertThat(readOnly.get("?prefix=K%C3%A4ufe").<String>at("$.names[0].name"))
                .isEqualTo("Käufe 100%/ö");
        held.release();
    }

    @Test
    void namesComePageByPage() throws Exception {
        List<LockHandle> held = List.of(
                readOnly.registry().lock("a").acquire(),
                readOnly.registry().lock("b").acquire(),
                readOnly.registry().lock("c").acquire());

        Answer first = readOnly.get("?limit=2");
        assertThat(first.<List<String>>at("$.names[*].name")).containsExactly("a", "b");
        Answer second = readOnly.get("?limit=2&from=" + first.<String>at("$.next"));
        assertThat(second.<List<String>>at("$.names[*].name")).containsExactly("c");
        assertThat(second.<Map<String, Object>>at("$")).doesNotContainKey("next");
        held.forEach(LockHandle::release);
    }

    @Test
    void badRequestsAreToldSo() throws Exception {
        assertThat(readOnly.get("?limit=0").status()).isEqualTo(400);
        assertThat(readOnly.get("?limit=many").status()).isEqualTo(400);
        assertThat(readOnly.get("?from=elsewhere").status()).isEqualTo(400);
        assertThat(readOnly.get("/%20").status()).isEqualTo(400);
        assertThat(unrestricted.delete("/orders").status()).isEqualTo(400);
        assertThat(unrestricted.delete("/orders?createRevision=first").status()).isEqualTo(400);
    }

    @Test
    void byDefaultNothingCanBeRemoved() throws Exception {
        LockHandle held = readOnly.registry().lock("orders").acquire();

        Answer answer = readOnly.delete("/orders?createRevision=" + held.fencingToken());

        assertThat(answer.status()).isIn(404, 405);
        assertThat(readOnly.get("/orders").<List<?>>at("$.holders")).hasSize(1);
        assertThat(held.isHeld()).isTrue();
        held.release();
    }

    @Test
    void anEntryIsRemovedOnceAndLoggedOnce(CapturedOutput output) throws Exception {
        LockHandle held = unrestricted.registry().lock("orders/42").acquire();
        String path = "/orders/42?createRevision=" + held.fencingToken();

        Answer removed = unrestricted.delete(path);
        assertThat(removed.status()).isEqualTo(200);
        assertThat(removed.<Boolean>at("$.removed")).isTrue();
        assertThat(removed.<String>at("$.entry.owner.application")).isEqualTo("tickets");
        assertThat(held.lost().toCompletableFuture().get(20, TimeUnit.SECONDS).reason())
                .isEqualTo(LockLoss.Reason.KEY_DELETED);

        Answer again = unrestricted.delete(path);
        assertThat(again.status()).isEqualTo(404);
        assertThat(again.<Map<String, Object>>at("$")).isEqualTo(Map.of("removed", false));
        assertThat(output.getAll().lines().filter(line -> line.contains("was removed by force")))
                .singleElement()
                .asString()
                .contains("Lock 'orders/42'", "tickets on ", "holder");
    }
}
