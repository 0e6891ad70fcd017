package dev.holdfast.lock.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.awaitility.Awaitility.await;

import dev.holdfast.lock.LeaderElection;
import dev.holdfast.lock.Leadership;
import dev.holdfast.lock.LeaseLock;
import dev.holdfast.lock.LocalLock;
import dev.holdfast.lock.LockEntry;
import dev.holdfast.lock.LockEntry.Kind;
import dev.holdfast.lock.LockEntry.Role;
import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.LockInspection;
import dev.holdfast.lock.LockLoss;
import dev.holdfast.lock.LockLostException;
import dev.holdfast.lock.LockOptions;
import dev.holdfast.lock.LockOwner;
import dev.holdfast.lock.LockPage;
import dev.holdfast.lock.LockPage.Usage;
import dev.holdfast.lock.LockQueue;
import dev.holdfast.lock.LockRegistry;
import dev.holdfast.lock.store.KeyRange;
import dev.holdfast.lock.store.Op;
import dev.holdfast.lock.store.Txn;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.assertj.core.groups.Tuple;
import org.junit.jupiter.api.Test;

/** What an inspection must show of locks of all kinds, and what a forced release does, whatever store is behind the registry. */
public abstract class InspectionConformanceTests extends RegistryConformanceTests {

    private static final Duration LONG = Duration.ofSeconds(60);

    /** With it an audit comes every 50 s, too late for any test. */
    private static final Duration LONGEST_TTL = Duration.ofSeconds(300);

    protected InspectionConformanceTests(StoreUnderTest store) {
        super(store);
    }

    // One name

    @Test
    void aNameNobodyUsesHasNoEntries() {
        assertThat(a.inspection().queue("nobody's").entries()).isEmpty();
    }

    @Test
    void anEntrySaysWhoseItIs() throws Exception {
        Instant before = Instant.now().minusMillis(1);
        LockHandle held = a.lock("orders/42", a.defaults().withMetadata(Map.of("job", "import")))
                .acquire();

        LockEntry entry = onlyEntry(a.inspection().queue("orders/42"));

        assertThat(entry.role()).isEqualTo(Role.HOLDER);
        assertThat(entry.kind()).isEqualTo(Kind.EXCLUSIVE);
        assertThat(entry.permits()).isEqualTo(1);
        LockOwner owner = Objects.requireNonNull(entry.owner());
        assertThat(owner.pid()).isEqualTo(ProcessHandle.current().pid());
        assertThat(owner.thread()).isEqualTo(Thread.currentThread().getName());
        assertThat(owner.host()).isNotBlank();
        assertThat(entry.since()).isBetween(before, Instant.now());
        assertThat(entry.metadata()).containsExactly(Map.entry("job", "import"));
        assertThat(entry.value()).isEmpty();
        assertThat(entry.createRevision()).isEqualTo(held.fencingToken());
        assertThat(entry.lease()).isEqualTo(a.status().sessions().get(0).lease());
        assertThat(entry.key()).isEqualTo(keyPrefix() + "orders%2F42/" + entry.lease());
        assertThat(entry.remaining()).isBetween(Duration.ofMillis(1), TTL);
        assertThat(entry.own()).isTrue();
        assertThat(onlyEntry(b.inspection().queue("orders/42")).own()).isFalse();
    }

    @Test
    void waitersAreShownInTheOrderInWhichTheyAreServed() throws Exception {
        LockRegistry c = registry();
        LockHandle first = a.lock("seat").acquire();
        Future<LockHandle> second = waiting(b.lock("seat"), "seat", 2);
        Future<LockHandle> third = waiting(c.lock("seat"), "seat", 3);

        LockQueue queue = b.inspection().queue("seat");
        assertThat(queue.name()).isEqualTo("seat");
        assertThat(queue.entries()).extracting(LockEntry::role).containsExactly(Role.HOLDER, Role.WAITER, Role.WAITER);
        assertThat(queue.entries()).extracting(LockEntry::createRevision).isSorted();
        assertThat(queue.entries()).extracting(LockEntry::own).containsExactly(false, true, false);
        assertThat(queue.holders()).containsExactly(queue.entries().get(0));
        assertThat(queue.waiters())
                .containsExactly(queue.entries().get(1), queue.entries().get(2));

        first.release();
        second.get(20, TimeUnit.SECONDS);
        LockQueue then = a.inspection().queue("seat");
        assertThat(then.holders())
                .extracting(LockEntry::key)
                .containsExactly(queue.waiters().get(0).key());
        second.get().release();
        third.get(20, TimeUnit.SECONDS).release();
        assertThat(a.inspection().queue("seat").entries()).isEmpty();
    }

    @Test
    void permitsAreHeldSideBySide() throws Exception {
        a.semaphore("pool", 2).acquire();
        b.semaphore("pool", 2).acquire();
        waiting(a.semaphore("pool", 2), "pool", 3);

        LockQueue queue = b.inspection().queue("pool");

        assertThat(queue.holders()).hasSize(2);
        assertThat(queue.waiters()).hasSize(1);
        assertThat(queue.entries()).extracting(LockEntry::kind).containsOnly(Kind.SEMAPHORE);
        assertThat(queue.entries()).extracting(LockEntry::permits).containsOnly(2);
    }

    @Test
    void readersHoldSideBySideAndStayBehindAWriter() throws Exception {
        a.readWriteLock("page").readLock().acquire();
        b.readWriteLock("page").readLock().acquire();
        waiting(b.readWriteLock("page").writeLock(), "page", 3);
        waiting(a.readWriteLock("page").readLock(), "page", 4);

        assertThat(a.inspection().queue("page").entries())
                .extracting(entry -> entry.kind() + " " + entry.role())
                .containsExactly("SHARED HOLDER", "SHARED HOLDER", "EXCLUSIVE WAITER", "SHARED WAITER");
    }

    @Test
    void aCandidateShowsWhatItSays() throws Exception {
        LeaderElection election = a.election("chair");
        Leadership leader = election.campaign("http://alpha");
        Future<Leadership> next = threads.submit(
                () -> b.election("chair").campaign("http://beta", LONG).orElseThrow());
        await().atMost(SOON).until(() -> entries("chair").size() == 2);

        LockQueue queue = b.inspection().queue("chair");
        assertThat(queue.holders()).extracting(LockEntry::value).containsExactly("http://alpha");
        assertThat(queue.waiters()).extracting(LockEntry::value).containsExactly("http://beta");
        assertThat(queue.entries()).extracting(LockEntry::owner).containsOnlyNulls();

        leader.release();
        next.get(20, TimeUnit.SECONDS);
    }

    @Test
    void whatOtherProgramsPutIsAnExclusiveLockOfSomebody() {
        put("report", "7f", "");

        LockEntry entry = onlyEntry(a.inspection().queue("report"));

        assertThat(entry.role()).isEqualTo(Role.HOLDER);
        assertThat(entry.kind()).isEqualTo(Kind.EXCLUSIVE);
        assertThat(entry.owner()).isNull();
        assertThat(entry.since()).isNull();
        assertThat(entry.value()).isEmpty();
        assertThat(entry.lease()).isEmpty();
        assertThat(entry.remaining()).isNull();
        assertThat(entry.own()).isFalse();
        delete("report", "7f");
    }

    @Test
    void whatDoesNotCompeteIsNotShown() {
        List<String> foreign = List.of("report/readme", "report/sub/1f", "%guard/1f/report", "1f", "re%port/1f");
        foreign.forEach(key -> put(keyPrefix() + key, "x"));

        assertThat(a.inspection().queue("report").entries()).isEmpty();
        assertThat(a.inspection().list("", 10).names()).isEmpty();

        foreign.forEach(key -> delete(keyPrefix() + key));
    }

    @Test
    void aNameHasManyEntriesOfOneProcess() throws Exception {
        List<LockHandle> readers = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            readers.add(a.readWriteLock("page").readLock().acquire());
        }

        LockQueue queue = a.inspection().queue("page");

        assertThat(queue.holders()).hasSize(20).allMatch(LockEntry::own);
        assertThat(queue.entries())
                .extracting(LockEntry::lease)
                .containsOnly(queue.entries().get(0).lease());
        readers.forEach(LockHandle::release);
    }

    // All names

    @Test
    void namesAreListedWithTheirCounts() throws Exception {
        a.lock("a").acquire();
        a.lock("a/b").acquire();
        waiting(b.lock("a/b"), "a%2Fb", 2);
        a.semaphore("pool", 3).acquire();
        b.semaphore("pool", 3).acquire();
        a.readWriteLock("page").readLock().acquire();

        LockPage page = b.inspection().list("", 100);

        assertThat(page.names())
                .containsExactlyInAnyOrder(
                        new Usage("a", Kind.EXCLUSIVE, 1, 1, 0),
                        new Usage("a/b", Kind.EXCLUSIVE, 1, 1, 1),
                        new Usage("pool", Kind.SEMAPHORE, 3, 2, 0),
                        new Usage("page", Kind.SHARED, 1, 1, 0));
        assertThat(page.truncated()).isFalse();
        assertThat(b.inspection().list("a/", 100).names())
                .extracting(Usage::name)
                .containsExactly("a/b");
        assertThat(b.inspection().list("a%", 100).names()).isEmpty();
    }

    @Test
    void eachNameOfASetIsListed() throws Exception {
        LockHandle all = a.allOf(List.of("x", "y")).acquire();

        assertThat(b.inspection().list("", 10).names())
                .extracting(Usage::name, Usage::holders)
                .containsExactly(Tuple.tuple("x", 1), Tuple.tuple("y", 1));
        all.release();
    }

    @Test
    void namesAreListedPageByPage() throws Exception {
        List<String> names = IntStream.range(10, 33).mapToObj(i -> "seat-" + i).toList();
        for (String name : names) {
            a.lock(name).acquire();
        }
        List<String> listed = new ArrayList<>();
        LockPage page = b.inspection().list("seat-", 5);
        while (page.truncated()) {
            assertThat(page.names()).hasSize(5);
            page.names().forEach(usage -> listed.add(usage.name()));
            page = b.inspection().list("seat-", 5, page.next());
        }
        page.names().forEach(usage -> listed.add(usage.name()));

        assertThat(listed).isEqualTo(names);
    }

    @Test
    void aNameIsCountedWholeHoweverManyUseIt() {
        putMany("many", 1_300);
        put("next", "1f", "");

        LockPage page = a.inspection().list("", 1);
        assertThat(page.names()).containsExactly(new Usage("many", Kind.EXCLUSIVE, 1, 1, 1_299));
        assertThat(page.truncated()).isTrue();
        assertThat(a.inspection().list("", 1, page.next()).names())
                .containsExactly(new Usage("next", Kind.EXCLUSIVE, 1, 1, 0));
        LockQueue queue = a.inspection().queue("many");
        assertThat(queue.entries())
                .hasSize(1_300)
                .extracting(LockEntry::createRevision)
                .isSorted();
        assertThat(queue.holders()).containsExactly(queue.entries().get(0));

        inspector
                .txn(Txn.of(new Op.Delete(KeyRange.prefix(keyPrefix()))), Duration.ofSeconds(10))
                .join();
    }

    /** More than one message takes. */
    @Test
    void longValuesAreReadInSmallerPieces() {
        String value = "x".repeat(60_000);
        for (int i = 0; i < 150; i++) {
            put("chair", Integer.toHexString(0x1000 + i), value);
        }

        assertThat(a.inspection().queue("chair").entries())
                .hasSize(150)
                .allMatch(entry -> entry.value().equals(value));
        assertThat(a.inspection().list("", 10).names()).containsExactly(new Usage("chair", Kind.EXCLUSIVE, 1, 1, 149));

        inspector
                .txn(Txn.of(new Op.Delete(KeyRange.prefix(keyPrefix()))), Duration.ofSeconds(10))
                .join();
    }

    @Test
    void argumentsThatCannotBeAreRefused() {
        LockInspection inspection = a.inspection();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> inspection.list("", 0))
                .withMessageContaining("limit is 0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> inspection.list("", LockInspection.MAX_NAMES + 1))
                .withMessageContaining("next page");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> inspection.list("a", 1, keyPrefix() + "b/1f"))
                .withMessageContaining("b/1f");
        assertThatIllegalArgumentException().isThrownBy(() -> inspection.list("\ud800", 1));
        assertThatIllegalArgumentException().isThrownBy(() -> inspection.queue(" "));
        assertThatIllegalArgumentException().isThrownBy(() -> inspection.release("", 1));
    }

    @Test
    void aClosedRegistryShowsNothing() {
        LockInspection inspection = b.inspection();
        b.close();

        assertThatIllegalStateException()
                .isThrownBy(() -> inspection.list("", 1))
                .withMessageContaining("closed");
        assertThatIllegalStateException().isThrownBy(() -> inspection.queue("seat"));
        assertThatIllegalStateException().isThrownBy(() -> inspection.release("seat", 1));
        assertThat(inspection.local()).isEmpty();
    }

    // This process

    @Test
    void aRegistryKnowsWhatItHoldsAndWaitsFor() throws Exception {
        LockHandle held = a.lock("mine").acquire();
        a.semaphore("pool", 2).acquire();
        a.allOf(List.of("x", "y")).acquire();
        b.lock("theirs").acquire();
        CompletableFuture<Optional<LockHandle>> waiting = a.lock("theirs").tryAcquireAsync(LONG);
        CompletableFuture<Optional<LockHandle>> behind = a.lock("theirs").tryAcquireAsync(LONG);
        await().atMost(SOON).until(() -> entries("theirs").size() == 2);

        List<LocalLock> local = a.inspection().local();

        assertThat(local)
                .extracting(lock -> lock.names() + " " + lock.kind() + " " + lock.permits() + " " + lock.role())
                .containsExactly(
                        "[mine] EXCLUSIVE 1 HOLDER",
                        "[pool] SEMAPHORE 2 HOLDER",
                        "[theirs] EXCLUSIVE 1 WAITER",
                        "[theirs] EXCLUSIVE 1 WAITER",
                        "[x, y] EXCLUSIVE 1 HOLDER");
        assertThat(local)
                .extracting(LocalLock::thread)
                .containsOnly(Thread.currentThread().getName());
        assertThat(local).extracting(LocalLock::age).allMatch(age -> !age.isNegative() && age.compareTo(LONG) < 0);
        assertThat(local.get(0).fencingToken()).isEqualTo(held.fencingToken());
        assertThat(local.get(0).lease()).isEqualTo(a.status().sessions().get(0).lease());
        assertThat(local.get(2).lease()).isEmpty();
        assertThat(a.status().held() + a.status().waiting()).isEqualTo(local.size());

        waiting.cancel(false);
        behind.cancel(false);
        held.release();
        await().atMost(SOON)
                .untilAsserted(() -> assertThat(a.inspection().local())
                        .extracting(LocalLock::names)
                        .containsExactly(List.of("pool"), List.of("x", "y")));
    }

    @Test
    void aHoldThatKeepsOthersOutIsInTheStoreOnly() throws Exception {
        LockOptions options = a.defaults().withHoldAtLeast(Duration.ofSeconds(3));
        a.lock("job", options).acquire().release();

        assertThat(a.inspection().local()).isEmpty();
        LockEntry entry = onlyEntry(b.inspection().queue("job"));
        assertThat(entry.role()).isEqualTo(Role.HOLDER);
        assertThat(onlyEntry(a.inspection().queue("job")).own()).isTrue();
        await().atMost(SOON).until(() -> entries("job").isEmpty());
    }

    // Forced release

    @Test
    void aHolderThatIsRemovedIsToldAndTheNextComesIn() throws Exception {
        LockHandle held = a.lock("seat").acquire();
        Future<LockHandle> next = waiting(b.lock("seat"), "seat", 2);
        LockEntry holder = b.inspection().queue("seat").holders().get(0);

        Optional<LockEntry> removed = b.inspection().release("seat", holder.createRevision());

        assertThat(removed).hasValueSatisfying(entry -> {
            assertThat(entry.key()).isEqualTo(holder.key());
            assertThat(entry.owner()).isEqualTo(holder.owner());
        });
        assertThat(next.get(20, TimeUnit.SECONDS).isHeld()).isTrue();
        LockLoss loss = held.lost().toCompletableFuture().get(20, TimeUnit.SECONDS);
        assertThat(loss.reason()).isEqualTo(LockLoss.Reason.KEY_DELETED);
        assertThat(held.isHeld()).isFalse();
        assertThat(next.get().fencingToken()).isGreaterThan(held.fencingToken());
        assertThat(a.lock("seat").tryAcquire()).isEmpty();
    }

    @Test
    void aHolderThatIsRemovedByItsOwnRegistryIsToldAtOnce() throws Exception {
        LockHandle held = a.lock("seat", a.defaults().withTtl(LONGEST_TTL)).acquire();

        assertThat(a.inspection().release("seat", held.fencingToken())).isPresent();

        LockLoss loss = held.lost().toCompletableFuture().get(20, TimeUnit.SECONDS);
        assertThat(loss.reason()).isEqualTo(LockLoss.Reason.KEY_DELETED);
    }

    @Test
    void aWaiterThatIsRemovedIsTold() throws Exception {
        LockHandle held = a.lock("seat").acquire();
        Future<LockHandle> waiter = waiting(b.lock("seat"), "seat", 2);
        long place = a.inspection().queue("seat").waiters().get(0).createRevision();

        assertThat(a.inspection().release("seat", place)).isPresent();

        assertThatExceptionOfType(ExecutionException.class)
                .isThrownBy(() -> waiter.get(20, TimeUnit.SECONDS))
                .havingCause()
                .isInstanceOfSatisfying(
                        LockLostException.class,
                        lost -> assertThat(lost.loss().reason()).isEqualTo(LockLoss.Reason.KEY_DELETED));
        assertThat(held.isHeld()).isTrue();
        assertThat(entries("seat")).hasSize(1);
    }

    @Test
    void aSetIsLostAsAWhole() throws Exception {
        LockHandle all = a.allOf(List.of("x", "y", "z")).acquire();

        assertThat(b.inspection().release("y", all.fencingToken())).isPresent();

        assertThat(all.lost().toCompletableFuture().get(20, TimeUnit.SECONDS).name())
                .isEqualTo("x, y, z");
        await().atMost(SOON).untilAsserted(() -> assertThat(keys()).isEmpty());
    }

    @Test
    void nothingButTheEntryMeantIsRemoved() throws Exception {
        LockHandle before = a.lock("seat").acquire();
        long place = before.fencingToken();
        before.release();
        LockHandle held = a.lock("seat").acquire();
        LockHandle other = a.lock("other").acquire();

        assertThat(b.inspection().release("seat", place)).isEmpty();
        assertThat(b.inspection().release("seat", other.fencingToken())).isEmpty();
        assertThat(b.inspection().release("nobody's", place)).isEmpty();

        assertThat(entries("seat")).hasSize(1);
        assertThat(held.isHeld()).isTrue();
        held.release();
        other.release();
    }

    @Test
    void anotherProgramsEntryCanBeRemoved() throws Exception {
        put("report", "7f", "");
        long place = onlyEntry(a.inspection().queue("report")).createRevision();

        assertThat(a.inspection().release("report", place))
                .hasValueSatisfying(entry -> assertThat(entry.owner()).isNull());

        assertThat(entries("report")).isEmpty();
        assertThat(a.inspection().release("report", place)).isEmpty();
    }

    private static LockEntry onlyEntry(LockQueue queue) {
        assertThat(queue.entries()).hasSize(1);
        return queue.entries().get(0);
    }

    private void putMany(String name, int count) {
        for (int i = 0; i < count; i += 100) {
            Op[] puts = IntStream.range(i, Math.min(count, i + 100))
                    .mapToObj(n -> new Op.Put(keyPrefix() + name + "/" + Integer.toHexString(0x1000 + n), "", 0))
                    .toArray(Op[]::new);
            inspector.txn(Txn.of(puts), Duration.ofSeconds(10)).join();
        }
    }

    private Future<LockHandle> waiting(LeaseLock lock, String directory, int entriesThen) {
        Future<LockHandle> waiter = threads.submit(() -> lock.tryAcquire(LONG).orElseThrow());
        await().atMost(SOON).until(() -> entries(directory).size() == entriesThen);
        return waiter;
    }
}
