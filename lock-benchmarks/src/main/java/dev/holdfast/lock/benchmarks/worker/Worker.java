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
 * A process that measures, one {@link Assignment} after the other. It reads one from standard input, prints {@link #READY}, reads the time
 * to start and prints {@link #OUTCOME} with an {@link Outcome}. After {@link #END} it closes its sessions; it also ends when standard
 * input does, so it never outlives who started it.
 */
public final class Worker {

    public static final String READY = "@ready";
    public static final String OUTCOME = "@outcome ";
    public static final String END = "@end";

    private static final long CLOSE_MILLIS = 5_000;

    private Worker() {}

    public static void main(String[] args) throws Exception {
        // gRPC greets; what matters is thrown.
        LogManager.getLogManager().reset();
        ObjectMapper json = new ObjectMapper();
        BlockingQueue<String> input = standardInput();
        Sessions sessions = new Sessions();
        int status = 0;
        try {
            for (String line = input.take(); !line.equals(END); line = input.take()) {
                Assignment assignment = json.readValue(line, Assignment.class);
                WorkerTask task = task(assignment, sessions);
                System.out.println(READY);
                Outcome outcome = task.run(Window.after(Long.parseLong(input.take()), assignment));
                System.out.println(OUTCOME + json.writeValueAsString(outcome));
            }
            closeWithin(sessions);
        } catch (Throwable failed) {
            failed.printStackTrace();
            status = 1;
        }
        System.out.flush();
        // Threads of some peers would keep the process alive.
        Runtime.getRuntime().halt(status);
    }

    private static WorkerTask task(Assignment assignment, Sessions sessions) throws Exception {
        return switch (assignment.task()) {
            case CYCLE -> new CycleTask(assignment, sessions);
            case HOLD -> new HoldTask(assignment, sessions);
            case WAIT -> new WaitTask(assignment, sessions);
        };
    }

    private static void closeWithin(Sessions sessions) throws InterruptedException {
        Thread closing = new Thread(sessions::close, "close");
        closing.setDaemon(true);
        closing.start();
        closing.join(CLOSE_MILLIS);
    }

    private static BlockingQueue<String> standardInput() {
        BlockingQueue<String> lines = new LinkedBlockingQueue<>();
        Thread reading = new Thread(
                () -> {
                    try (BufferedReader reader =
                            new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
                        for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                            lines.add(line);
                        }
                    } catch (IOException closed) {
                        // as at the end of the input
                    }
                    Runtime.getRuntime().halt(2);
                },
                "standard-input");
        reading.setDaemon(true);
        reading.start();
        return lines;
    }
}
