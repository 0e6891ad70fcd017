package dev.holdfast.lock.etcd;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.awaitility.Awaitility;
import org.slf4j.LoggerFactory;

/** What this package logs from now on, until it is closed; but for the warning of old servers, which comes once in a JVM. */
final class LogLines extends AppenderBase<ILoggingEvent> implements AutoCloseable {

    private static final Logger LOGGER = (Logger) LoggerFactory.getLogger(LogLines.class.getPackageName());

    private final Queue<ILoggingEvent> events = new ConcurrentLinkedQueue<>();

    static LogLines begin() {
        LogLines lines = new LogLines();
        lines.start();
        LOGGER.addAppender(lines);
        return lines;
    }

    @Override
    protected void append(ILoggingEvent event) {
        if (!event.getLoggerName().equals(VersionCheck.class.getName())) {
            events.add(event);
        }
    }

    List<String> of(Level level) {
        return events.stream()
                .filter(event -> event.getLevel() == level)
                .map(ILoggingEvent::getFormattedMessage)
                .toList();
    }

    void await(Level level, String part) {
        Awaitility.await()
                .atMost(Duration.ofSeconds(20))
                .until(() -> of(level).stream().anyMatch(line -> line.contains(part)));
    }

    @Override
    public void close() {
        LOGGER.detachAppender(this);
    }
}
