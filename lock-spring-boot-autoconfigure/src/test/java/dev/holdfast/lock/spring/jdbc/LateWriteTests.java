package dev.holdfast.lock.spring.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.holdfast.lock.FencedException;
import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.LockRegistry;
import dev.holdfast.lock.etcd.EtcdLockRegistry;
import dev.holdfast.lock.spring.DistributedLock;
import dev.holdfast.lock.spring.LockContext;
import dev.holdfast.lock.spring.OnLost;
import dev.holdfast.lock.spring.PausedHolder;
import dev.holdfast.lock.spring.autoconfigure.HoldfastAutoConfiguration;
import dev.holdfast.lock.test.EtcdServer;
import java.time.Duration;
import java.util.function.Consumer;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceInitializationAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceTransactionManagerAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcClientAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcTemplateAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.transaction.autoconfigure.TransactionAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.transaction.support.TransactionTemplate;

/** A holder that is paused in the middle of its work, and what the database makes of it. */
@Timeout(60)
class LateWriteTests {

    private final ApplicationContextRunner runner = new ApplicationContextRunner()
            .withUserConfiguration(Books.class)
            .withPropertyValues(
                    "spring.datasource.generate-unique-name=true",
                    "spring.sql.init.schema-locations=classpath:dev/holdfast/lock/spring/jdbc/fence.sql")
            .withConfiguration(AutoConfigurations.of(
                    DataSourceAutoConfiguration.class,
                    DataSourceInitializationAutoConfiguration.class,
                    DataSourceTransactionManagerAutoConfiguration.class,
                    JdbcTemplateAutoConfiguration.class,
                    JdbcClientAutoConfiguration.class,
                    TransactionAutoConfiguration.class));

    @Test
    void theLateWriteOfAPausedHolderIsRefused() {
        runner.withUserConfiguration(PausedHolder.Locks.class).run(context -> {
            PausedHolder processes = context.getBean(PausedHolder.class);
            Account account = context.getBean(Account.class);

            assertThatExceptionOfType(FencedException.class)
                    .isThrownBy(() -> account.withdraw(100, mine -> {
                        LockHandle next = processes.takeOver("account");
                        assertThat(mine.isHeld())
                                .as("the paused one believes that")
                                .isTrue();
                        account.book(next, 70);
                    }));

            assertThat(account.balance()).as("what the later holder booked").isEqualTo(930);
        });
    }

    @Test
    void withoutTheFenceItWouldOverwriteTheNextOnes() {
        runner.withUserConfiguration(PausedHolder.Locks.class).run(context -> {
            PausedHolder processes = context.getBean(PausedHolder.class);
            Account account = context.getBean(Account.class);

            account.withdrawUnfenced(100, mine -> account.book(processes.takeOver("account"), 70));

            assertThat(account.balance()).as("70 are missing from the books").isEqualTo(900);
        });
    }

    @Test
    void onRealEtcdToo() {
        try (EtcdServer etcd = EtcdServer.start();
                LockRegistry other =
                        EtcdLockRegistry.builder().endpoints(etcd.endpoint()).build()) {
            runner.withConfiguration(AutoConfigurations.of(HoldfastAutoConfiguration.class))
                    .withPropertyValues("holdfast.etcd.endpoints=" + etcd.endpoint())
                    .run(context -> {
                        Account account = context.getBean(Account.class);

                        assertThatExceptionOfType(FencedException.class)
                                .isThrownBy(() -> account.withdraw(100, mine -> {
                                    etcd.etcdctl("del", "--prefix", "locks/account/");
                                    account.book(acquire(other), 70);
                                }));

                        assertThat(account.balance()).isEqualTo(930);
                    });
        }
    }

    private static LockHandle acquire(LockRegistry registry) {
        return registry.lock("account")
                .tryAcquireAsync(Duration.ofSeconds(30))
                .join()
                .orElseThrow();
    }

    static class Account {

        private final JdbcClient jdbc;
        private final JdbcFence fence;
        private final TransactionTemplate transaction;

        Account(JdbcClient jdbc, JdbcFence fence, TransactionTemplate transaction) {
            this.jdbc = jdbc;
            this.fence = fence;
            this.transaction = transaction;
            jdbc.sql("CREATE TABLE account (balance INT)").update();
            jdbc.sql("INSERT INTO account VALUES (1000)").update();
        }

        /** Reads, is paused, and writes. */
        @DistributedLock(name = "account", onLost = OnLost.NOTIFY)
        public void withdraw(int amount, Consumer<LockHandle> pause) {
            int balance = balance();
            pause.accept(LockContext.current());
            transaction.executeWithoutResult(status -> {
                fence.advance(LockContext.current());
                set(balance - amount);
            });
        }

        @DistributedLock(name = "account", onLost = OnLost.NOTIFY)
        public void withdrawUnfenced(int amount, Consumer<LockHandle> pause) {
            int balance = balance();
            pause.accept(LockContext.current());
            set(balance - amount);
        }

        /** As another process does it, in its turn. */
        @Transactional
        public void book(LockHandle hold, int amount) {
            fence.advance(hold);
            set(balance() - amount);
        }

        public int balance() {
            return jdbc.sql("SELECT balance FROM account").query(Integer.class).single();
        }

        private void set(int balance) {
            jdbc.sql("UPDATE account SET balance = ?").param(balance).update();
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class Books {

        @Bean
        JdbcFence fence(DataSource dataSource) {
            return new JdbcFence(dataSource);
        }

        @Bean
        Account account(JdbcClient jdbc, JdbcFence fence, TransactionTemplate transaction) {
            return new Account(jdbc, fence, transaction);
        }
    }
}
