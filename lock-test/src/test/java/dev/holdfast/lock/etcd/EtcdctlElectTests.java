package dev.holdfast.lock.etcd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.lock.LeaderElection;
import dev.holdfast.lock.LeaderElection.Candidacy;
import dev.holdfast.lock.LeaderElection.Leader;
import dev.holdfast.lock.Leadership;
import dev.holdfast.lock.LeadershipListener;
import dev.holdfast.lock.LockOptions;
import dev.holdfast.lock.LockRegistry;
import dev.holdfast.lock.test.EtcdServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Candidates and observers of ours together with those of {@code etcdctl elect}, which is Go's {@code concurrency.Election}. */
class EtcdctlElectTests {

    private static final Duration TTL = Duration.ofSeconds(5);
    private static final Duration LONG = Duration.ofSeconds(20);

    private static EtcdServer etcd;

    @TempDir
    Path directory;

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final List<Process> programs = new ArrayList<>();
    private LockRegistry registry;
    private LeaderElection election;

    @BeforeAll
    static void startEtcd() {
        etcd = EtcdServer.start();
        Awaitility.setDefaultTimeout(Duration.ofSeconds(15));
    }

    @AfterAll
    static void stopEtcd() {
        etcd.close();
        Awaitility.reset();
    }

    @BeforeEach
    void open() {
        registry = EtcdLockRegistry.builder()
                .endpoints(etcd.endpoint())
                .defaults(LockOptions.defaults().withTtl(TTL))
                .build();
        election = registry.election("chair");
    }

    @AfterEach
    void closeAll() {
        programs.forEach(Process::destroyForcibly);
        registry.close();
        threads.shutdownNow();
        etcd.etcdctl("del", "--prefix", "locks/");
    }

    @Test
    void theyWaitForUs() throws Exception {
        Leadership ours = election.campaign("ours");
        Output theirs = etcdctl("elect", "locks/chair", "theirs");
        await().until(() -> candidates().size() == 2);
        await().during(Duration.ofMillis(500)).until(() -> theirs.lines().isEmpty());
        assertThat(leader()).contains("ours");

        ours.release();

        await().until(() -> theirs.lines().contains("theirs"));
        assertThat(leader()).contains("theirs");
    }

    @Test
    void weWaitForThem() throws Exception {
        Output theirs = etcdctl("elect", "locks/chair", "theirs");
        await().until(() -> theirs.lines().contains("theirs"));
        long term = election.leader().get(3, TimeUnit.SECONDS).orElseThrow().term();
        assertThat(election.campaign("ours", Duration.ZERO)).isEmpty();
        Future<Optional<Leadership>> waiting = threads.submit(() -> election.campaign("ours", LONG));
        await().until(() -> candidates().size() == 2);
        assertThat(leader()).contains("theirs");

        theirs.program().destroy();

        Leadership ours = waiting.get(10, TimeUnit.SECONDS).orElseThrow();
        assertThat(ours.fencingToken()).isGreaterThan(term);
        assertThat(leader()).contains("ours");
        ours.release();
    }

    /** Killed, it resigns nothing: its lease of 60 s would have to end, so it is revoked here. */
    @Test
    void aCandidateOfTheirsThatDiesMakesRoom() throws Exception {
        Output theirs = etcdctl("elect", "locks/chair", "theirs");
        await().until(() -> theirs.lines().contains("theirs"));
        List<String> heard = new CopyOnWriteArrayList<>();
        Candidacy candidacy = election.stand("ours", recorder(heard));
        await().until(() -> candidates().size() == 2);

        theirs.program().destroyForcibly().waitFor();
        assertThat(heard).isEmpty();
        String lease = candidates().get(0).substring("locks/chair/".length());
        etcd.etcdctl("lease", "revoke", lease);

        await().until(() -> heard.equals(List.of("elected")));
        candidacy.close();
    }

    @Test
    void theirListenerSeesWhatWeProclaim() throws Exception {
        Leadership ours = election.campaign("starting");
        Output listener = etcdctl("elect", "-l", "locks/chair");
        await().until(() -> listener.lines().contains("starting"));

        ours.proclaim("ready");
        await().until(() -> listener.lines().contains("ready"));
        ours.proclaim("busy");
        await().until(() -> listener.lines().contains("busy"));

        String key = candidates().get(0);
        assertThat(listener.lines()).containsExactly(key, "starting", key, "ready", key, "busy");
        ours.release();
    }

    @Test
    void theirListenerFollowsOurCandidates() throws Exception {
        Output listener = etcdctl("elect", "-l", "locks/chair");
        List<String> heard = new CopyOnWriteArrayList<>();
        Candidacy candidacy = election.stand("ours", recorder(heard));
        await().until(() -> listener.lines().contains("ours"));
        Output theirs = etcdctl("elect", "locks/chair", "theirs");
        await().until(() -> candidates().size() == 2);

        candidacy.resign();

        await().until(() -> listener.lines().contains("theirs"));
        await().until(() -> candidates().size() == 2);
        theirs.program().destroy();
        await().until(() -> heard.equals(List.of("elected", "revoked", "elected")));
        await().until(() -> listener.lines().stream().filter("ours"::equals).count() == 2);
        candidacy.close();
        assertThat(candidates()).isEmpty();
    }

    @Test
    void ourObserverFollowsTheirCandidates() throws Exception {
        List<String> seen = new CopyOnWriteArrayList<>();
        election.observe(leader -> seen.add(leader.map(Leader::value).orElse("nobody")));
        await().until(() -> seen.equals(List.of("nobody")));

        Output one = etcdctl("elect", "locks/chair", "one");
        await().until(() -> one.lines().contains("one"));
        Output two = etcdctl("elect", "locks/chair", "two");
        await().until(() -> candidates().size() == 2);
        one.program().destroy();
        await().until(() -> two.lines().contains("two"));
        two.program().destroy();

        await().until(() -> seen.equals(List.of("nobody", "one", "two", "nobody")));
    }

    private Optional<String> leader() throws Exception {
        return election.leader().get(3, TimeUnit.SECONDS).map(Leader::value);
    }

    private static LeadershipListener recorder(List<String> heard) {
        return new LeadershipListener() {
            @Override
            public void elected(Leadership leadership) {
                heard.add("elected");
            }

            @Override
            public void revoked(Leadership leadership) {
                heard.add("revoked");
            }
        };
    }

    private List<String> candidates() {
        return etcd.etcdctl("get", "--prefix", "--keys-only", "--sort-by=CREATE", "locks/chair/")
                .lines()
                .filter(line -> !line.isBlank())
                .toList();
    }

    /** A program that runs, and what it has printed. */
    private record Output(Process program, Path file) {

        List<String> lines() throws Exception {
            return Files.readAllLines(file).stream()
                    .filter(line -> !line.isBlank())
                    .toList();
        }
    }

    private Output etcdctl(String... args) throws Exception {
        Path file = Files.createTempFile(directory, "etcdctl", ".txt");
        Process program = etcd.etcdctlProcess(args)
                .redirectErrorStream(true)
                .redirectOutput(file.toFile())
                .start();
        programs.add(program);
        return new Output(program, file);
    }
}
