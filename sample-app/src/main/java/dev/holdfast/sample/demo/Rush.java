package dev.holdfast.sample.demo;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Many customers at once, spread evenly over the instances. */
final class Rush implements AutoCloseable {

    private final ExecutorService customers;

    Rush(int customersAtOnce) {
        this.customers = Executors.newFixedThreadPool(customersAtOnce);
    }

    /** Starts the bookings. An answer is missing where the instance was killed under the request. */
    List<Future<Answer>> start(List<Instance> instances, long event, boolean locked, int bookings) {
        List<Future<Answer>> answers = new ArrayList<>();
        for (int i = 0; i < bookings; i++) {
            Instance instance = instances.get(i % instances.size());
            String customer = "customer-" + i;
            answers.add(customers.submit((Callable<Answer>) () -> instance.book(event, locked, customer)));
        }
        return answers;
    }

    /** Starts one booking with a payment that takes its time. */
    Future<Answer> startSlow(Instance instance, long event, Duration payment) {
        return customers.submit((Callable<Answer>) () -> instance.bookSlowly(event, "slow-customer", payment));
    }

    /** Waits for all answers; those that broke off are left out. */
    static List<Answer> answers(List<Future<Answer>> started) throws InterruptedException {
        List<Answer> answers = new ArrayList<>();
        for (Future<Answer> one : started) {
            try {
                answers.add(one.get());
            } catch (ExecutionException brokenOff) {
                if (!(brokenOff.getCause() instanceof IOException)) {
                    throw new IllegalStateException(brokenOff);
                }
            }
        }
        return answers;
    }

    @Override
    public void close() {
        customers.shutdownNow();
    }
}
