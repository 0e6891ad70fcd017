package dev.holdfast.lock.benchmarks.worker;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.logging.LogManager;
import tools.jackson.databind.ObjectMapper;

/**
 * A process that measures. Its argument is an {@link Assignment}; it prints {@link #READY}, reads the time to start from standard input
 * and prints {@link #OUTCOME} with an {@link Outcome}. It ends when standard input does, so it never outlives who started it.
 */
public final class Worker {

    public static final String READY = "@ready";
    public static final String OUTCOME = "@outcome ";

    private static final long CLOSE_MILLIS = 5_000;

    private Worker() {}

    public static void main(String[] args) throws Exception {
        // gRPC greets; what matters is thrown.
        LogManager.getLogManager().reset();
        ObjectMapper json = new ObjectMapper();
        Assignment assignment = json.readValue(args[0], Assignment.class);
        BlockingQueue<Long> start = startSignal();
        int status = 0;
        try {
            WorkerTask task = task(assignment);
            System.out.println(READY);
            Outcome outcome = task.run(Window.after(start.take(), assignment));
            System.out.println(OUTCOME + json.writeValueAsString(outcome));
            closeWithin(task);
        } catch (Throwable failed) {
            failed.printStackTrace();
            status = 1;
        }
        System.out.flush();
        // Threads of some peers would keep the process alive.
        Runtime.getRuntime().halt(status);
    }

    private static WorkerTask task(Assignment assignment) throws Exception {
        return switch (assignment.task()) {
            case CYCLE -> new CycleTask(assignment);
            case HOLD -> new HoldTask(assignment);
            case WAIT -> new WaitTask(assignment);
        };
    }

    private static void closeWithin(WorkerTask task) throws InterruptedException {
        Thread closing = new Thread(task::close, "close");
        closing.setDaemon(true);
        closing.start();
        closing.join(CLOSE_MILLIS);
    }

    private static BlockingQueue<Long> startSignal() {
        BlockingQueue<Long> start = new LinkedBlockingQueue<>();
        Thread reader = new Thread(
                () -> {
                    try (BufferedReader input =
                            new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
                        for (String line = input.readLine(); line != null; line = input.readLine()) {
                            start.add(Long.parseLong(line.trim()));
                        }
                    } catch (IOException closed) {
                        // as at the end of the input
                    }
                    Runtime.getRuntime().halt(2);
                },
                "standard-input");
        reader.setDaemon(true);
        reader.start();
        return start;
    }
}
