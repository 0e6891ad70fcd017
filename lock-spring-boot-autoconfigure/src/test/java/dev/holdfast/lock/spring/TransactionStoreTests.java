package dev.holdfast.lock.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.LockLostException;
import dev.holdfast.lock.LockRegistry;
import dev.holdfast.lock.spring.autoconfigure.HoldfastAutoConfiguration;
import dev.holdfast.lock.test.EtcdExtension;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceTransactionManagerAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcTemplateAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.transaction.autoconfigure.TransactionAutoConfiguration;
import org.springframework.context.annotation.Lazy;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import org.springframework.transaction.support.TransactionTemplate;

/** Locks of both stores around transactions of a database. */
@Timeout(60)
class TransactionStoreTests {

    @RegisterExtension
    static final EtcdExtension ETCD = new EtcdExtension();

    @ParameterizedTest
    @ValueSource(strings = {"memory", "etcd"})
    void commitsBeforeTheLockIsReleased(String store) {
        run(store, accounts -> {
            accounts.declared();
            accounts.template();
            assertThat(accounts.seen()).containsExactly("free at commit: false", "free at commit: false");
            assertThat(accounts.count()).isEqualTo(2);
            assertThat(accounts.isFree()).isTrue();
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"memory", "etcd"})
    void rollsBackWhenTheLockIsLostBeforeTheCommit(String store) {
        run(store, accounts -> {
            assertThatExceptionOfType(LockLostException.class).isThrownBy(accounts::declaredAndLost);
            assertThatExceptionOfType(LockLostException.class).isThrownBy(accounts::templateAndLost);
            assertThat(accounts.count()).isZero();
            assertThat(accounts.seen()).isEmpty();
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"memory", "etcd"})
    void theEndOfTheMethodThatBeganItRollsNothingBack(String store) {
        run(store, accounts -> {
            LockHandle other = accounts.registry().lock("later").acquire();
            CompletableFuture<Boolean> later = accounts.beginning();
            assertThat(later).isNotDone();
            other.release();
            assertThat(later.get(30, TimeUnit.SECONDS))
                    .as("whether the lock of the beginning is found")
                    .isFalse();
            assertThat(accounts.count()).isEqualTo(1);
        });
    }

    private void run(String store, AccountsTest test) {
        new ApplicationContextRunner()
                .withUserConfiguration(Accounts.class)
                .withConfiguration(AutoConfigurations.of(
                        HoldfastAutoConfiguration.class,
                        DataSourceAutoConfiguration.class,
                        DataSourceTransactionManagerAutoConfiguration.class,
                        JdbcTemplateAutoConfiguration.class,
                        TransactionAutoConfiguration.class))
                .withPropertyValues(
                        "holdfast.store=" + store,
                        "holdfast.etcd.endpoints=" + String.join(",", ETCD.endpoints()),
                        "holdfast.key-prefix=" + ETCD.uniquePrefix(),
                        "spring.datasource.url=jdbc:h2:mem:" + UUID.randomUUID() + ";DB_CLOSE_DELAY=0")
                .run(context -> test.run(context.getBean(Accounts.class)));
    }

    @FunctionalInterface
    interface AccountsTest {
        void run(Accounts accounts) throws Exception;
    }

    static class Accounts {

        private final List<String> seen = new ArrayList<>();

        private final JdbcTemplate jdbc;
        private final TransactionTemplate transactions;
        private final LockRegistry registry;

        @Autowired
        @Lazy
        @Nullable
        Accounts self;

        Accounts(JdbcTemplate jdbc, TransactionTemplate transactions, LockRegistry registry) {
            this.jdbc = jdbc;
            this.transactions = transactions;
            this.registry = registry;
            jdbc.execute("create table account (id int)");
        }

        @Transactional
        @DistributedLock(name = "accounts")
        public void declared() {
            insert();
        }

        @DistributedLock(name = "accounts")
        public void template() {
            transactions.executeWithoutResult(status -> insert());
        }

        @Transactional
        @DistributedLock(name = "accounts", maxHold = "200ms", onLost = OnLost.THROW)
        public void declaredAndLost() {
            insert();
            awaitLoss();
        }

        @DistributedLock(name = "accounts", maxHold = "200ms", onLost = OnLost.THROW)
        public void templateAndLost() {
            transactions.executeWithoutResult(status -> {
                insert();
                awaitLoss();
            });
        }

        /** Returns when its work has yet to begin, and what that works on is the caller's. */
        CompletableFuture<Boolean> beginning() {
            List<CompletableFuture<Boolean>> begun = new ArrayList<>();
            Objects.requireNonNull(self).begin(begun);
            return begun.get(0);
        }

        @DistributedLock(name = "beginning")
        public void begin(List<CompletableFuture<Boolean>> begun) {
            begun.add(Objects.requireNonNull(self).later());
        }

        @DistributedLock(name = "later", waitTime = "30s")
        public CompletableFuture<Boolean> later() {
            transactions.executeWithoutResult(status -> insert());
            LockContext.ensureHeld();
            try {
                LockContext.current("beginning");
                return CompletableFuture.completedFuture(true);
            } catch (IllegalStateException over) {
                return CompletableFuture.completedFuture(false);
            }
        }

        private void insert() {
            TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {
                @Override
                public void afterCommit() {
                    seen.add("free at commit: " + isFree());
                }
            });
            jdbc.update("insert into account values (1)");
        }

        private static void awaitLoss() {
            LockContext.current().lost().toCompletableFuture().join();
        }

        boolean isFree() {
            return registry.lock("accounts")
                    .tryAcquire()
                    .map(handle -> {
                        handle.release();
                        return true;
                    })
                    .orElse(false);
        }

        LockRegistry registry() {
            return registry;
        }

        List<String> seen() {
            return seen;
        }

        int count() {
            Integer count = jdbc.queryForObject("select count(*) from account", Integer.class);
            return count == null ? -1 : count;
        }
    }
}
