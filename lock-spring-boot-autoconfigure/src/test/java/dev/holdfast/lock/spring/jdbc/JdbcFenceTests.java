package dev.holdfast.lock.spring.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.holdfast.lock.FencedException;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.core.io.ClassPathResource;
import org.springframework.dao.ConcurrencyFailureException;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import org.springframework.jdbc.datasource.init.DatabasePopulatorUtils;
import org.springframework.jdbc.datasource.init.ResourceDatabasePopulator;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * The fence in a database with several transactions at once: H2, or what the system property {@code holdfast.test.jdbc-url} names, such
 * as a PostgreSQL.
 */
@Timeout(60)
class JdbcFenceTests {

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final DataSource database = database();
    private final JdbcTemplate jdbc = new JdbcTemplate(database);
    private final TransactionTemplate transaction = new TransactionTemplate(new DataSourceTransactionManager(database));
    private final JdbcFence fence = new JdbcFence(database);

    private final String name = "orders-" + UUID.randomUUID();

    static DataSource database() {
        return new DriverManagerDataSource(System.getProperty(
                "holdfast.test.jdbc-url",
                "jdbc:h2:mem:" + UUID.randomUUID() + ";DB_CLOSE_DELAY=-1;LOCK_TIMEOUT=30000"));
    }

    @BeforeEach
    void makeTable() {
        DatabasePopulatorUtils.execute(
                new ResourceDatabasePopulator(new ClassPathResource("dev/holdfast/lock/spring/jdbc/fence.sql")),
                database);
    }

    @AfterEach
    void stop() {
        threads.shutdownNow();
    }

    @Test
    void aHolderMayWriteAgainAndALaterOneAfterIt() {
        advance(5);
        advance(5);
        advance(7);

        assertThat(seen()).isEqualTo(7);
    }

    @Test
    void aFormerHolderIsRefusedAndItsTransactionRolledBack() {
        jdbc.execute("CREATE TABLE IF NOT EXISTS orders (name VARCHAR(100), state VARCHAR(100))");
        advance(7);

        assertThatExceptionOfType(FencedException.class)
                .isThrownBy(() -> transaction.executeWithoutResult(status -> {
                    jdbc.update("INSERT INTO orders VALUES (?, 'late')", name);
                    fence.advance(List.of(name), 5);
                }))
                .withMessageContaining(name)
                .withMessageContaining("fencing token 5")
                .withMessageContaining("token 7")
                .satisfies(refused -> {
                    assertThat(refused.lockName()).isEqualTo(name);
                    assertThat(refused.token()).isEqualTo(5);
                    assertThat(refused.seen()).isEqualTo(7);
                });

        assertThat(jdbc.queryForObject("SELECT COUNT(*) FROM orders WHERE name = ?", Integer.class, name))
                .isZero();
        assertThat(seen()).isEqualTo(7);
    }

    @Test
    void aTransactionThatFailsLeavesTheFenceAsItWas() {
        advance(5);

        assertThatIllegalStateException()
                .isThrownBy(() -> transaction.executeWithoutResult(status -> {
                    fence.advance(List.of(name), 7);
                    throw new IllegalStateException("the test's own");
                }));

        assertThat(seen()).isEqualTo(5);
    }

    @Test
    void namesDoNotMeet() {
        advance(7);

        transaction.executeWithoutResult(status -> fence.advance(List.of(name + "-other"), 5));

        assertThat(seen()).isEqualTo(7);
    }

    @Test
    void aLaterHolderWaitsForTheTransactionOfAFormerOne() throws Exception {
        advance(1);
        Open former = new Open(5);
        Future<?> later = threads.submit(() -> advance(7));
        assertThatExceptionOfType(java.util.concurrent.TimeoutException.class)
                .as("the row is locked")
                .isThrownBy(() -> later.get(300, TimeUnit.MILLISECONDS));

        former.commit();

        later.get(30, TimeUnit.SECONDS);
        assertThat(seen()).isEqualTo(7);
    }

    @Test
    void aFormerHolderThatMeetsALaterOneIsRefused() throws Exception {
        advance(1);
        Open later = new Open(7);
        Future<?> former = threads.submit(() -> advance(5));

        later.commit();

        assertThatExceptionOfType(ExecutionException.class)
                .isThrownBy(() -> former.get(30, TimeUnit.SECONDS))
                .withCauseInstanceOf(FencedException.class);
        assertThat(seen()).isEqualTo(7);
    }

    /** Where a transaction goes on seeing what it saw first. H2 refuses the update itself, MySQL lets us go on to the select. */
    @Test
    void whatTheTransactionReadBeforeLetsNoFormerHolderIn() {
        advance(5);
        TransactionTemplate repeatable = new TransactionTemplate(new DataSourceTransactionManager(database));
        repeatable.setIsolationLevel(TransactionDefinition.ISOLATION_REPEATABLE_READ);

        assertThatExceptionOfType(RuntimeException.class)
                .isThrownBy(() -> repeatable.executeWithoutResult(status -> {
                    assertThat(seen()).isEqualTo(5);
                    await(threads.submit(() -> advance(7)));
                    fence.advance(List.of(name), 5);
                }))
                .isInstanceOfAny(FencedException.class, ConcurrencyFailureException.class);
        assertThat(seen()).isEqualTo(7);
    }

    @Test
    void twoThatMakeTheRowAtOnceBothTakePart() throws Exception {
        Open first = new Open(5);
        Future<?> second = threads.submit(() -> advance(7));

        first.commit();

        second.get(30, TimeUnit.SECONDS);
        assertThat(seen()).isEqualTo(7);
    }

    @Test
    void ofManyThatMakeTheRowAtOnceTheGreatestTokenStays() throws Exception {
        for (int round = 0; round < 20; round++) {
            String row = name + round;
            CyclicBarrier start = new CyclicBarrier(4);
            List<Callable<Boolean>> holders = IntStream.rangeClosed(1, 4)
                    .<Callable<Boolean>>mapToObj(token -> () -> {
                        start.await();
                        return taken(row, token);
                    })
                    .toList();

            List<Future<Boolean>> taken = threads.invokeAll(holders);

            assertThat(taken.get(3).get()).as("the greatest is never refused").isTrue();
            assertThat(seen(row)).isEqualTo(4);
        }
    }

    @Test
    void ofSeveralNamesEachIsAdvanced() {
        transaction.executeWithoutResult(status -> fence.advance(List.of(name, name + "-other"), 7));

        assertThat(seen()).isEqualTo(7);
        assertThatExceptionOfType(FencedException.class)
                .isThrownBy(() -> transaction.executeWithoutResult(
                        status -> fence.advance(List.of(name + "-first", name + "-other"), 5)))
                .satisfies(refused -> assertThat(refused.lockName()).isEqualTo(name + "-other"));
    }

    @Test
    void transactionsOfSeveralNamesInAnyOrderDoNotDeadlock() throws Exception {
        List<String> names = List.of(name + "-a", name + "-b", name + "-c");
        transaction.executeWithoutResult(status -> fence.advance(names, 1));
        List<String> backwards = List.of(names.get(2), names.get(1), names.get(0));
        CyclicBarrier start = new CyclicBarrier(2);

        for (int round = 0; round < 50; round++) {
            List<Callable<Void>> both = Stream.of(names, backwards)
                    .<Callable<Void>>map(some -> () -> {
                        start.await();
                        transaction.executeWithoutResult(status -> fence.advance(some, 1));
                        return null;
                    })
                    .toList();
            for (Future<Void> done : threads.invokeAll(both)) {
                done.get();
            }
        }
    }

    @Test
    void withoutATransactionItSaysSo() {
        assertThatIllegalStateException()
                .isThrownBy(() -> fence.advance(List.of(name), 5))
                .withMessageContaining(name)
                .withMessageContaining("no transaction");
    }

    @Test
    void aTransactionOfAnotherDatabaseDoesNotCount() {
        JdbcFence elsewhere = new JdbcFence(database());

        assertThatIllegalStateException()
                .isThrownBy(() -> transaction.executeWithoutResult(status -> elsewhere.advance(List.of(name), 5)))
                .withMessageContaining("none of this data source");
    }

    @Test
    void anotherTableMayBeUsed() {
        jdbc.execute("CREATE TABLE IF NOT EXISTS my_fence (name VARCHAR(100) PRIMARY KEY, token BIGINT)");
        JdbcFence mine = new JdbcFence(database, "my_fence");

        transaction.executeWithoutResult(status -> mine.advance(List.of(name), 5));

        assertThat(jdbc.queryForObject("SELECT token FROM my_fence WHERE name = ?", Long.class, name))
                .isEqualTo(5);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new JdbcFence(database, "fence; DROP TABLE orders"))
                .withMessageContaining("DROP TABLE");
    }

    @Test
    void aTokenOrNameThatIsNoneIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> advance(0))
                .withMessageContaining("token is 0")
                .withMessageContaining(name);
        assertThatIllegalArgumentException().isThrownBy(() -> fence.advance(List.of(), 5));
    }

    private void advance(long token) {
        transaction.executeWithoutResult(status -> fence.advance(List.of(name), token));
    }

    private boolean taken(String row, long token) {
        try {
            transaction.executeWithoutResult(status -> fence.advance(List.of(row), token));
            return true;
        } catch (FencedException refused) {
            return false;
        }
    }

    private long seen() {
        return seen(name);
    }

    private long seen(String row) {
        Long token = jdbc.queryForObject("SELECT token FROM holdfast_fence WHERE name = ?", Long.class, row);
        return token == null ? 0 : token;
    }

    /** A transaction that has advanced the fence and is not committed yet. */
    private final class Open {

        private final CountDownLatch end = new CountDownLatch(1);
        private final Future<?> done;

        Open(long token) throws InterruptedException {
            CountDownLatch advanced = new CountDownLatch(1);
            done = threads.submit(() -> transaction.executeWithoutResult(status -> {
                fence.advance(List.of(name), token);
                advanced.countDown();
                await(end);
            }));
            assertThat(advanced.await(30, TimeUnit.SECONDS)).isTrue();
        }

        void commit() throws Exception {
            end.countDown();
            done.get(30, TimeUnit.SECONDS);
        }

        private static void await(CountDownLatch latch) {
            try {
                latch.await();
            } catch (InterruptedException stopped) {
                throw new IllegalStateException(stopped);
            }
        }
    }

    private static void await(Future<?> done) {
        try {
            done.get(30, TimeUnit.SECONDS);
        } catch (Exception failed) {
            throw new AssertionError(failed);
        }
    }
}
