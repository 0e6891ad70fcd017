package dev.holdfast.lock.faults;

import dev.holdfast.lock.LockOptions;
import dev.holdfast.lock.LockRegistry;
import dev.holdfast.lock.ReleaseMode;
import dev.holdfast.lock.etcd.EtcdLockRegistry;
import dev.holdfast.lock.history.Event.Kind;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;

/**
 * A process that uses locks, told what to do on its standard input: {@code stop}, {@code probe MILLIS}, {@code close}. Answers with lines
 * that start with {@link #ANSWER}. Ends with its parent.
 */
public final class Worker {

    static final String ANSWER = "@@";

    /** A thread that died of something unforeseen ends the process with this. */
    static final int DIED = 70;

    private final WorkerOptions options;
    private final EventLog log;
    private final AtomicLong calls;
    private final HoldNumbers holds;

    private Worker(WorkerOptions options) {
        this.options = options;
        this.log = new EventLog(options.process(), Path.of(options.events()));
        this.calls = new AtomicLong(options.firstCall());
        this.holds = new HoldNumbers(log, options.firstCall());
    }

    /** One argument, see {@link WorkerOptions}. */
    public static void main(String[] args) throws Exception {
        Thread.setDefaultUncaughtExceptionHandler((thread, failure) -> {
            failure.printStackTrace();
            answer("died of " + failure);
            Runtime.getRuntime().halt(DIED);
        });
        new Worker(WorkerOptions.ofArgument(args[0])).run();
    }

    private void run() throws Exception {
        log.write(Kind.STARTED, "");
        StallWatch.start(log);
        LockRegistry registry = registry();
        List<LockUser> users = IntStream.range(0, options.habits().size())
                .mapToObj(number -> new LockUser(options, registry, log, holds, calls, number))
                .toList();
        List<Thread> threads = users.stream().map(Thread::new).toList();
        threads.forEach(Thread::start);
        answer("started");
        BufferedReader commands = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        while (true) {
            String[] command = command(commands).split(" ");
            switch (command[0]) {
                case "stop" -> {
                    users.forEach(LockUser::stop);
                    for (Thread thread : threads) {
                        thread.join();
                    }
                }
                case "probe" -> users.get(0).probe(Duration.ofMillis(Long.parseLong(command[1])));
                case "close" -> {
                    log.write(Kind.CLOSING, "");
                    registry.close();
                    log.write(Kind.CLOSED, "");
                    answer("close");
                    // From here on the process must end by itself.
                    return;
                }
                default -> throw new IllegalArgumentException(command[0]);
            }
            answer(command[0]);
        }
    }

    private static String command(BufferedReader commands) throws IOException {
        String line = commands.readLine();
        if (line == null) {
            Runtime.getRuntime().halt(0); // nobody is left to tell
        }
        return String.valueOf(line);
    }

    private LockRegistry registry() {
        EtcdLockRegistry.Builder builder = EtcdLockRegistry.builder()
                .endpoints(options.endpoints())
                .owner(options.process())
                .defaults(LockOptions.defaults().withTtl(options.ttl()))
                // One that starts while etcd is down waits for it.
                .failFast(false)
                .listener(new TellingListener(log, holds));
        if (!options.password().isEmpty()) {
            builder.username("worker").password(options.password());
        }
        // Both ways in each run.
        return builder.release(options.seed() % 2 == 0 ? ReleaseMode.SYNC : ReleaseMode.ASYNC)
                .build();
    }

    private static void answer(String text) {
        System.out.println(ANSWER + text);
        System.out.flush();
    }
}
