package dev.holdfast.sample.page;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.holdfast.sample.SampleProperties;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.embedded.EmbeddedDatabase;
import org.springframework.jdbc.datasource.embedded.EmbeddedDatabaseBuilder;
import org.springframework.jdbc.datasource.embedded.EmbeddedDatabaseType;

/** Instances that write themselves into one database. */
class RosterTests {

    private final EmbeddedDatabase database = new EmbeddedDatabaseBuilder()
            .setType(EmbeddedDatabaseType.H2)
            .generateUniqueName(true)
            .addScript("classpath:schema.sql")
            .build();
    private final JdbcClient jdbc = JdbcClient.create(database);

    @AfterEach
    void shutDown() {
        database.shutdown();
    }

    @Test
    void instancesOnMachinesOfTheirOwnMayHaveTheSameAddress() {
        Roster first = roster("a", "pod-1", 1, null);
        Roster second = roster("b", "pod-2", 1, null);
        for (int round = 0; round < 3; round++) {
            first.sayHere();
            second.sayHere();
        }
        assertThat(first.all()).extracting(Picture.Seen::name).containsExactly("a", "b");
        assertThat(first.all()).extracting(Picture.Seen::url).containsOnly("http://localhost:8080");
    }

    @Test
    void aProcessThatIsStartedAgainReplacesTheFormerOneAtItsAddress() {
        roster("a", "machine", 1, null).sayHere();
        roster("a-again", "machine", 2, null).sayHere();
        assertThat(names()).containsExactly("a-again");
    }

    @Test
    void aContainerThatIsStartedAgainReplacesTheFormerOneAsSoonAsThatIsSilent() {
        roster("a", "container-1", 1, null).sayHere();
        silence("a", 11);
        roster("a-again", "container-2", 1, null).sayHere();
        assertThat(names()).containsExactly("a-again");
    }

    @Test
    void aProcessOfTheSameNumberOnTheSameHostIsWhereItSaysItself() {
        roster("a", "set-0", 1, "http://10.0.0.1:8080").sayHere();
        Roster again = roster("a-again", "set-0", 1, "http://10.0.0.2:8080");
        again.sayHere();
        assertThat(again.all())
                .extracting(Picture.Seen::name, Picture.Seen::url)
                .containsExactly(tuple("a-again", "http://10.0.0.2:8080"));
    }

    @Test
    void whoWasSilentForAnHourIsRemovedWhenAnotherComes() {
        roster("silent-for-long", "pod-1", 1, "http://10.0.0.1:8080").sayHere();
        roster("silent", "pod-2", 1, "http://10.0.0.2:8080").sayHere();
        silence("silent-for-long", 3601);
        silence("silent", 3000);
        roster("c", "pod-3", 1, "http://10.0.0.3:8080").sayHere();
        assertThat(names()).containsExactly("c", "silent");
    }

    @Test
    void onlyThoseThatWereThereWithinTwoMinutesAreShown() {
        roster("silent", "pod-1", 1, "http://10.0.0.1:8080").sayHere();
        silence("silent", 121);
        Roster other = roster("b", "pod-2", 1, "http://10.0.0.2:8080");
        other.sayHere();
        assertThat(other.all()).extracting(Picture.Seen::name).containsExactly("b");
    }

    @Test
    void whoLeavesIsNotShown() {
        Roster first = roster("a", "pod-1", 1, null);
        Roster second = roster("b", "pod-2", 1, null);
        first.sayHere();
        second.sayHere();
        first.leave();
        first.sayHere();
        assertThat(second.all()).extracting(Picture.Seen::name).containsExactly("b");
    }

    private Roster roster(String name, String host, long pid, @Nullable String url) {
        SampleProperties.Page page =
                new SampleProperties.Page(false, url, List.of(), Duration.ofSeconds(40), Duration.ofSeconds(10));
        SampleProperties.Booking booking = new SampleProperties.Booking(Duration.ofSeconds(5), Duration.ofSeconds(15));
        SampleProperties properties =
                new SampleProperties(name, Duration.ofMillis(25), Duration.ofDays(1), booking, page);
        Roster roster = new Roster(jdbc, properties, "localhost", host, pid);
        roster.listening(8080);
        return roster;
    }

    private void silence(String name, int seconds) {
        jdbc.sql("UPDATE instance SET seen = DATEADD('SECOND', -1 * CAST(:seconds AS INT), seen) WHERE name = :name")
                .param("seconds", seconds)
                .param("name", name)
                .update();
    }

    /** In the database, shown or not. */
    private List<String> names() {
        return jdbc.sql("SELECT name FROM instance ORDER BY name")
                .query(String.class)
                .list();
    }
}
