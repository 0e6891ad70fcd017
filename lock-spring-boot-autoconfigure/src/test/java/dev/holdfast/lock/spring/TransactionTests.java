package dev.holdfast.lock.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.lock.LockLostException;
import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceTransactionManagerAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcTemplateAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.transaction.autoconfigure.TransactionAutoConfiguration;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;

class TransactionTests {

    private final ApplicationContextRunner runner = LockedContext.with(Accounts.class)
            .withPropertyValues("spring.datasource.url=jdbc:h2:mem:tx;DB_CLOSE_DELAY=0")
            .withConfiguration(AutoConfigurations.of(
                    DataSourceAutoConfiguration.class,
                    DataSourceTransactionManagerAutoConfiguration.class,
                    JdbcTemplateAutoConfiguration.class,
                    TransactionAutoConfiguration.class));

    @Test
    void commitsBeforeTheLockIsReleased() {
        runner.run(context -> {
            context.getBean(Accounts.class).create(false);
            assertThat(context.getBean(FakeLockRegistry.class).log)
                    .containsExactly("acquire accounts", "begun", "committed, held: true", "release accounts");
        });
    }

    @Test
    void rollsBackWhenTheLockWasLostBeforeTheCommit() {
        runner.run(context -> {
            Accounts accounts = context.getBean(Accounts.class);
            assertThatThrownBy(() -> accounts.create(true)).isInstanceOf(LockLostException.class);
            assertThat(accounts.count()).isZero();
            accounts.create(false);
            assertThat(accounts.count()).isEqualTo(1);
        });
    }

    @Test
    void commitsInSpiteOfALossThatIsOnlyNotified() {
        runner.run(context -> {
            Accounts accounts = context.getBean(Accounts.class);
            accounts.createNotifying();
            assertThat(accounts.count()).isEqualTo(1);
        });
    }

    @Test
    void theOrderCanBeChanged() {
        runner.withPropertyValues("holdfast.order=100")
                .run(context -> assertThat(context.getBean(LockAdvisor.class).getOrder())
                        .isEqualTo(100));
    }

    @Transactional
    static class Accounts {

        private final JdbcTemplate jdbc;
        private final FakeLockRegistry registry;

        Accounts(JdbcTemplate jdbc, FakeLockRegistry registry) {
            this.jdbc = jdbc;
            this.registry = registry;
            jdbc.execute("create table account (id int)");
        }

        @DistributedLock(name = "accounts", onLost = OnLost.THROW)
        public void create(boolean lose) {
            registry.log.add("begun");
            TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {
                @Override
                public void afterCommit() {
                    registry.log.add("committed, held: " + registry.isHeld("accounts"));
                }
            });
            jdbc.update("insert into account values (1)");
            if (lose) {
                registry.lose("accounts");
            }
        }

        @DistributedLock(name = "accounts", onLost = OnLost.NOTIFY)
        public void createNotifying() {
            jdbc.update("insert into account values (1)");
            registry.lose("accounts");
        }

        public int count() {
            Integer count = jdbc.queryForObject("select count(*) from account", Integer.class);
            return count == null ? -1 : count;
        }
    }
}
