package dev.holdfast.lock.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.lock.LockLostException;
import java.util.List;
import javax.sql.DataSource;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.boot.LazyInitializationBeanFactoryPostProcessor;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceTransactionManagerAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcTemplateAutoConfiguration;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.boot.transaction.autoconfigure.TransactionAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;
import org.springframework.core.PriorityOrdered;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.ConfigurableTransactionManager;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionExecution;
import org.springframework.transaction.TransactionExecutionListener;
import org.springframework.transaction.annotation.EnableTransactionManagement;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import org.springframework.transaction.support.TransactionTemplate;

@ExtendWith(OutputCaptureExtension.class)
class TransactionTests {

    private final ApplicationContextRunner runner = LockedContext.with(Accounts.class, Templates.class)
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
    void listenersOfTheApplicationThatCannotBeAddedToAreKept() {
        runner.withUserConfiguration(FixedListeners.class).run(context -> {
            Accounts accounts = context.getBean(Accounts.class);
            assertThatThrownBy(() -> accounts.create(true)).isInstanceOf(LockLostException.class);
            accounts.create(false);
            assertThat(accounts.count()).isEqualTo(1);
            assertThat(context.getBean(FakeLockRegistry.class).log)
                    .contains("own listener: rolled back", "own listener: committed");
        });
    }

    @Test
    void aManagerCreatedEarlyRollsBackToo() {
        runner.withUserConfiguration(NeededByPostProcessor.class)
                .run(context -> assertRollsBack(context.getBean(Accounts.class)));
    }

    @Test
    void aManagerInAParentContextRollsBackToo() {
        new ApplicationContextRunner()
                .withPropertyValues("spring.datasource.url=jdbc:h2:mem:tx;DB_CLOSE_DELAY=0")
                .withConfiguration(AutoConfigurations.of(
                        DataSourceAutoConfiguration.class, DataSourceTransactionManagerAutoConfiguration.class))
                .run(parent -> LockedContext.with(Accounts.class)
                        .withParent(parent)
                        .withConfiguration(AutoConfigurations.of(
                                JdbcTemplateAutoConfiguration.class, TransactionAutoConfiguration.class))
                        .run(context -> assertRollsBack(context.getBean(Accounts.class))));
    }

    @Test
    void aLazyManagerRollsBackTooAndStaysLazy() {
        runner.withInitializer(context ->
                        context.addBeanFactoryPostProcessor(new LazyInitializationBeanFactoryPostProcessor()))
                .run(context -> {
                    assertThat(context.getSourceApplicationContext()
                                    .getBeanFactory()
                                    .containsSingleton("transactionManager"))
                            .isFalse();
                    assertRollsBack(context.getBean(Accounts.class));
                });
    }

    @Test
    void aManagerIsGivenOneListener() {
        runner.run(parent -> {
            ConfigurableTransactionManager manager = parent.getBean(ConfigurableTransactionManager.class);
            assertThat(manager.getTransactionExecutionListeners()).hasSize(1);
            LockedContext.with()
                    .withParent(parent)
                    .run(child -> assertThat(child).hasNotFailed());
            assertThat(manager.getTransactionExecutionListeners()).hasSize(1);
        });
    }

    private static void assertRollsBack(Accounts accounts) {
        assertThatThrownBy(() -> accounts.create(true)).isInstanceOf(LockLostException.class);
        assertThat(accounts.count()).isZero();
    }

    @Test
    void aTemplateInTheBodyCommitsBeforeTheLockIsReleased() {
        runner.run(context -> {
            Templates templates = context.getBean(Templates.class);
            templates.create(false);
            assertThat(context.getBean(FakeLockRegistry.class).log)
                    .containsExactly("acquire templates", "committed, held: true", "release templates");
            assertThat(templates.count()).isEqualTo(1);
        });
    }

    @Test
    void aTemplateInTheBodyRollsBackWhenTheLockWasLost() {
        runner.run(context -> {
            Templates templates = context.getBean(Templates.class);
            assertThatThrownBy(() -> templates.create(true)).isInstanceOf(LockLostException.class);
            assertThat(templates.count()).isZero();
        });
    }

    @Test
    void aLossOfAnyEnclosingLockRollsBack() {
        runner.run(context -> {
            Templates templates = context.getBean(Templates.class);
            assertThatThrownBy(() -> templates.around(() -> templates.createAfterLossOf("around")))
                    .isInstanceOf(LockLostException.class);
            assertThat(templates.count()).isZero();
        });
    }

    @Test
    void aLockTakenInsideATransactionIsWarnedOfOnceForEachMethod(CapturedOutput output) {
        runner.run(context -> {
            Accounts accounts = context.getBean(Accounts.class);
            Templates templates = context.getBean(Templates.class);
            for (int i = 0; i < 3; i++) {
                templates.inTransaction(() -> accounts.create(false));
            }
            templates.inTransaction(accounts::createNotifying);
            assertThat(output.toString().lines().filter(line -> line.contains("Lock 'accounts' of")))
                    .hasSize(2)
                    .anyMatch(line -> line.contains("WARN")
                            && line.contains("Accounts.create is asked for inside the running transaction")
                            && line.contains("REQUIRES_NEW")
                            && line.contains("holdfast.inside-transaction"));
            assertThat(accounts.count()).isEqualTo(4);
        });
    }

    @Test
    void aLockTakenInsideATransactionCanBeAnError() {
        runner.withPropertyValues("holdfast.inside-transaction=error").run(context -> {
            Accounts accounts = context.getBean(Accounts.class);
            Templates templates = context.getBean(Templates.class);
            assertThatThrownBy(() -> templates.inTransaction(() -> accounts.create(false)))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("Lock 'accounts'")
                    .hasMessageContaining("the method was not called");
            assertThat(context.getBean(FakeLockRegistry.class).log).isEmpty();
            accounts.create(false);
            assertThat(accounts.count()).isEqualTo(1);
        });
    }

    @Test
    void itCanBeIgnored(CapturedOutput output) {
        runner.withPropertyValues("holdfast.inside-transaction=ignore").run(context -> {
            Accounts accounts = context.getBean(Accounts.class);
            context.getBean(Templates.class).inTransaction(() -> accounts.create(false));
            assertThat(output).doesNotContain("Lock 'accounts' of");
        });
    }

    @Test
    void enteringAgainInsideATransactionIsNoError() {
        runner.withPropertyValues("holdfast.inside-transaction=error").run(context -> {
            Templates templates = context.getBean(Templates.class);
            templates.around(() -> templates.inTransaction(() -> templates.around(() -> {})));
            assertThat(context.getBean(FakeLockRegistry.class).log).containsExactly("acquire around", "release around");
        });
    }

    @Test
    void aMethodWithATransactionOfItsOwnMayTakeItsLockInsideAnother() {
        runner.withPropertyValues("holdfast.inside-transaction=error").run(context -> {
            Accounts accounts = context.getBean(Accounts.class);
            Templates templates = context.getBean(Templates.class);
            assertThatThrownBy(() -> templates.inTransaction(() -> {
                        accounts.createInNew();
                        throw new UnsupportedOperationException();
                    }))
                    .isInstanceOf(UnsupportedOperationException.class);
            assertThat(context.getBean(FakeLockRegistry.class).log)
                    .containsExactly("acquire accounts", "committed, held: true", "release accounts");
            assertThat(accounts.count()).isEqualTo(1);
        });
    }

    @Test
    void anOrderThatPutsTheLockInsideTheTransactionIsToldToo() {
        runner.withPropertyValues("holdfast.inside-transaction=error", "holdfast.order=100")
                .withUserConfiguration(TransactionsOutermost.class)
                .run(context -> {
                    Accounts accounts = context.getBean(Accounts.class);
                    for (ThrowingCallable call :
                            new ThrowingCallable[] {() -> accounts.create(false), accounts::createInNew}) {
                        assertThatThrownBy(call)
                                .isInstanceOf(IllegalStateException.class)
                                .hasMessageContaining("inside the running transaction of")
                                .hasMessageContaining("Accounts.create");
                    }
                });
    }

    @Test
    void whatIsNeitherWarnNorErrorNorIgnoreFailsTheStart() {
        runner.withPropertyValues("holdfast.inside-transaction=maybe")
                .run(context ->
                        assertThat(context.getStartupFailure()).hasStackTraceContaining("holdfast.inside-transaction"));
    }

    @Test
    void theOrderCanBeChanged() {
        runner.withPropertyValues("holdfast.order=100")
                .run(context -> assertThat(context.getBean(LockAdvisor.class).getOrder())
                        .isEqualTo(100));
    }

    @Test
    void withoutSpringsTransactionsNobodyAsksForThem() {
        LockedContext.with(Plain.class)
                .withPropertyValues("holdfast.inside-transaction=error")
                .withClassLoader(new FilteredClassLoader("org.springframework.transaction"))
                .run(context -> {
                    assertThat(context).doesNotHaveBean(LockedTransactionPostProcessor.class);
                    TransactionSynchronizationManager.setActualTransactionActive(true);
                    try {
                        context.getBean(Plain.class).run();
                    } finally {
                        TransactionSynchronizationManager.setActualTransactionActive(false);
                    }
                    assertThat(context.getBean(FakeLockRegistry.class).log)
                            .containsExactly("acquire plain", "release plain");
                });
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
            tellCommit(registry, "accounts");
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

        @DistributedLock(name = "accounts")
        @Transactional(propagation = Propagation.REQUIRES_NEW)
        public void createInNew() {
            tellCommit(registry, "accounts");
            jdbc.update("insert into account values (1)");
        }

        public int count() {
            return countIn(jdbc);
        }
    }

    /** Not transactional itself: the transactions are in the bodies, or around the calls. */
    static class Templates {

        private final JdbcTemplate jdbc;
        private final TransactionTemplate template;
        private final FakeLockRegistry registry;

        // Accounts makes the table.
        Templates(JdbcTemplate jdbc, TransactionTemplate template, FakeLockRegistry registry, Accounts accounts) {
            this.jdbc = jdbc;
            this.template = template;
            this.registry = registry;
        }

        void inTransaction(Runnable body) {
            template.executeWithoutResult(status -> body.run());
        }

        @DistributedLock(name = "templates", onLost = OnLost.THROW)
        void create(boolean lose) {
            inTransaction(() -> {
                tellCommit(registry, "templates");
                jdbc.update("insert into account values (1)");
                if (lose) {
                    registry.lose("templates");
                }
            });
        }

        @DistributedLock(name = "around", onLost = OnLost.THROW)
        void around(Runnable body) {
            body.run();
        }

        @DistributedLock(name = "inner", onLost = OnLost.NOTIFY)
        void createAfterLossOf(String outer) {
            inTransaction(() -> {
                jdbc.update("insert into account values (1)");
                registry.lose(outer);
            });
        }

        int count() {
            return countIn(jdbc);
        }
    }

    public static class Plain {

        @DistributedLock(name = "plain")
        public void run() {}
    }

    @Configuration(proxyBeanMethods = false)
    @EnableTransactionManagement(order = 1)
    static class TransactionsOutermost {}

    @Configuration(proxyBeanMethods = false)
    static class FixedListeners {

        @Bean
        JdbcTransactionManager transactionManager(DataSource dataSource, FakeLockRegistry registry) {
            JdbcTransactionManager manager = new JdbcTransactionManager(dataSource);
            manager.setTransactionExecutionListeners(List.of(new TransactionExecutionListener() {
                @Override
                public void afterCommit(TransactionExecution transaction, @Nullable Throwable failure) {
                    registry.log.add("own listener: committed");
                }

                @Override
                public void afterRollback(TransactionExecution transaction, @Nullable Throwable failure) {
                    registry.log.add("own listener: rolled back");
                }
            }));
            return manager;
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class NeededByPostProcessor {

        @Bean
        static NeedyPostProcessor needy(PlatformTransactionManager manager) {
            return new NeedyPostProcessor();
        }
    }

    static class NeedyPostProcessor implements BeanPostProcessor, PriorityOrdered {

        @Override
        public int getOrder() {
            return Ordered.HIGHEST_PRECEDENCE;
        }
    }

    private static void tellCommit(FakeLockRegistry registry, String name) {
        TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {
            @Override
            public void afterCommit() {
                registry.log.add("committed, held: " + registry.isHeld(name));
            }
        });
    }

    private static int countIn(JdbcTemplate jdbc) {
        Integer count = jdbc.queryForObject("select count(*) from account", Integer.class);
        return count == null ? -1 : count;
    }
}
