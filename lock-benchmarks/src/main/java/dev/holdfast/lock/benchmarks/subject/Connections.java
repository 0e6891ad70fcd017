package dev.holdfast.lock.benchmarks.subject;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;

/** Connections as a Spring application has them: Lettuce, Hikari. */
final class Connections {

    /** Below what PostgreSQL allows by default, for several processes together. */
    private static final int POOL_SIZE = 20;

    private Connections() {}

    static LettuceConnectionFactory redis(String address) {
        String[] parts = address.split(":");
        LettuceConnectionFactory factory = new LettuceConnectionFactory(parts[0], Integer.parseInt(parts[1]));
        factory.afterPropertiesSet();
        factory.start();
        return factory;
    }

    static HikariDataSource postgresql(String address) {
        HikariConfig config = new HikariConfig();
        config.setJdbcUrl(address);
        config.setMaximumPoolSize(POOL_SIZE);
        config.setConnectionTimeout(30_000);
        return new HikariDataSource(config);
    }
}
