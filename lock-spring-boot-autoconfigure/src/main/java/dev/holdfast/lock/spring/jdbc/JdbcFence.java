package dev.holdfast.lock.spring.jdbc;

import dev.holdfast.lock.FencedException;
import dev.holdfast.lock.LockHandle;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.util.Collection;
import java.util.TreeSet;
import java.util.regex.Pattern;
import javax.sql.DataSource;
import org.springframework.dao.ConcurrencyFailureException;
import org.springframework.jdbc.core.ConnectionCallback;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * Keeps a former holder of a lock from writing to a database: a table remembers the greatest fencing token seen for each name, and a
 * transaction that comes with a smaller one is refused. For whoever cannot have a column for the token in each table that is written.
 *
 * <pre>{@code
 * @Transactional
 * public void settle(Period period) {
 *     fence.advance(LockContext.current());     // first of all
 *     ...                                       // then read and write
 * }
 * }</pre>
 *
 * <p>The row of the name stays locked until the transaction ends, so two holders' transactions never overlap: the later one waits for the
 * former one's end, and what it reads afterwards is what that left. Read nothing before, or it may be outdated.
 *
 * <p>The table is made by {@code classpath:dev/holdfast/lock/spring/jdbc/fence.sql}: {@code name} as primary key, as long as the longest
 * name of a lock, and {@code token}. Thread-safe.
 */
public final class JdbcFence {

    /** The table if none is given. */
    public static final String DEFAULT_TABLE = "holdfast_fence";

    private static final Pattern TABLE = Pattern.compile("\\w+(\\.\\w+)*");

    /** Class of the SQL states of violated constraints. */
    private static final String CONSTRAINT = "23";

    private final JdbcTemplate jdbc;
    private final String raise;
    private final String insert;
    private final String select;

    /** On the table {@value #DEFAULT_TABLE}. */
    public JdbcFence(DataSource dataSource) {
        this(dataSource, DEFAULT_TABLE);
    }

    /**
     * @param table with its schema if need be; letters, digits, underscores and dots
     * @throws IllegalArgumentException if it is anything else, since it becomes part of SQL
     */
    public JdbcFence(DataSource dataSource, String table) {
        if (!TABLE.matcher(table).matches()) {
            throw new IllegalArgumentException("table is \"" + table
                    + "\"; give a name of letters, digits and underscores, with its schema as in \"billing.fence\"");
        }
        this.jdbc = new JdbcTemplate(dataSource);
        this.raise = "UPDATE " + table + " SET token = ? WHERE name = ? AND token <= ?";
        this.insert = "INSERT INTO " + table + " (name, token) VALUES (?, ?)";
        // Locked, and so as it is: MySQL would show it as it was when this transaction first read anything, when the
        // token may have been ours.
        this.select = "SELECT token FROM " + table + " WHERE name = ? FOR UPDATE";
    }

    /**
     * Takes part in the present transaction as this holder, of each of its {@linkplain LockHandle#names() names}; may draw the {@linkplain
     * LockHandle#fencingToken() token}.
     *
     * @throws FencedException if a later holder was there; the transaction must be rolled back, as Spring does by itself
     * @throws dev.holdfast.lock.LockLostException if the hold was lost before it had a token
     * @throws IllegalStateException if there is no transaction on this database
     */
    public void advance(LockHandle hold) {
        advance(hold.names(), hold.fencingToken());
    }

    /**
     * As {@link #advance(LockHandle)} for names and a token that came from elsewhere, with a request for example.
     *
     * @throws IllegalArgumentException if there is no name, or if the token is not positive
     */
    public void advance(Collection<String> names, long token) {
        if (names.isEmpty() || token <= 0) {
            throw new IllegalArgumentException("names are " + names + " and token is " + token
                    + "; give the names of a hold and its LockHandle.fencingToken()");
        }
        // In one order everywhere, so that no two transactions wait for each other's rows.
        new TreeSet<>(names).forEach(name -> advance(name, token));
    }

    private void advance(String name, long token) {
        if (!TransactionSynchronizationManager.isActualTransactionActive()) {
            throw noTransaction(name, "no transaction");
        }
        Long seen = jdbc.execute((ConnectionCallback<Long>) connection -> advance(connection, name, token));
        if (seen != null && seen > token) {
            throw new FencedException(name, token, seen);
        }
    }

    /** The greatest token seen, ours if it was not refused. */
    private long advance(Connection connection, String name, long token) throws SQLException {
        if (connection.getAutoCommit()) {
            throw noTransaction(name, "a transaction, but none of this data source");
        }
        // Twice, since another may insert the row in between.
        if (raised(connection, name, token) || inserted(connection, name, token) || raised(connection, name, token)) {
            return token;
        }
        return seen(connection, name);
    }

    private boolean raised(Connection connection, String name, long token) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(raise)) {
            statement.setLong(1, token);
            statement.setString(2, name);
            statement.setLong(3, token);
            return statement.executeUpdate() > 0;
        }
    }

    /** False if it is there. PostgreSQL refuses everything after a statement that failed, unless it is rolled back to before. */
    private boolean inserted(Connection connection, String name, long token) throws SQLException {
        Savepoint before = connection.setSavepoint();
        try (PreparedStatement statement = connection.prepareStatement(insert)) {
            statement.setString(1, name);
            statement.setLong(2, token);
            statement.executeUpdate();
            return true;
        } catch (SQLException failure) {
            String state = failure.getSQLState();
            if (state == null || !state.startsWith(CONSTRAINT)) {
                throw failure;
            }
            connection.rollback(before);
            return false;
        }
    }

    private long seen(Connection connection, String name) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(select)) {
            statement.setString(1, name);
            try (ResultSet row = statement.executeQuery()) {
                if (row.next()) {
                    return row.getLong(1);
                }
            }
        }
        throw new ConcurrencyFailureException("The fence of lock '" + name
                + "' is being made by a transaction that this one must not see; repeat this one");
    }

    private static IllegalStateException noTransaction(String name, String what) {
        return new IllegalStateException("The fence of lock '" + name + "' found " + what
                + "; it protects only what is written in the same transaction: call it there, first of all");
    }
}
