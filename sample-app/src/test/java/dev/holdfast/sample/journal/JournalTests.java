package dev.holdfast.sample.journal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.sample.SampleProperties;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.embedded.EmbeddedDatabase;
import org.springframework.jdbc.datasource.embedded.EmbeddedDatabaseBuilder;
import org.springframework.jdbc.datasource.embedded.EmbeddedDatabaseType;

class JournalTests {

    private EmbeddedDatabase database;
    private Journal journal;

    @BeforeEach
    void open() {
        database = new EmbeddedDatabaseBuilder()
                .setType(EmbeddedDatabaseType.H2)
                .generateUniqueName(true)
                .addScript("schema.sql")
                .build();
        SampleProperties properties = new Binder(
                        new MapConfigurationPropertySource(java.util.Map.of("sample.instance", "a")))
                .bind("sample", SampleProperties.class)
                .get();
        journal = new Journal(JdbcClient.create(database), properties);
    }

    @AfterEach
    void close() {
        database.shutdown();
    }

    @Test
    void theNewestComesFirst() {
        journal.add(Happening.Kind.REFUSED, "till", "one");
        journal.add(Happening.Kind.TAKE_OVER, "till", "two");

        assertThat(journal.latest(10)).extracting(Happening::words).containsExactly("two", "one");
        assertThat(journal.latest(1)).extracting(Happening::words).containsExactly("two");
    }

    @Test
    void theLastThousandAreKept() {
        for (int i = 1; i <= 1_100; i++) {
            journal.add(Happening.Kind.REFUSED, "till", String.valueOf(i));
        }

        assertThat(journal.latest(2_000)).hasSizeBetween(1_000, 1_001);
        assertThat(journal.latest(1)).extracting(Happening::words).containsExactly("1100");
    }

    @Test
    void aDatabaseThatIsAwayFailsNobody() {
        database.shutdown();

        journal.add(Happening.Kind.REFUSED, "till", "only in the log");
    }
}
