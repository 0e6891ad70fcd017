package dev.holdfast.sample;

import dev.holdfast.lock.spring.DistributedLock;
import dev.holdfast.lock.spring.OnBusy;
import java.time.Duration;
import java.time.Instant;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/**
 * Settles the takings once a period. The schedule fires on every instance; the lock lets one of them run. The others skip, or come
 * when it has finished and find the period settled: a lock ends with the run, so that a run is done is for the database to remember.
 */
@Component
class SettlementJob {

    private final TicketStore tickets;
    private final SettlementStore settlements;
    private final PaymentProvider payments;
    private final SampleProperties properties;

    SettlementJob(
            TicketStore tickets, SettlementStore settlements, PaymentProvider payments, SampleProperties properties) {
        this.tickets = tickets;
        this.settlements = settlements;
        this.payments = payments;
        this.properties = properties;
    }

    @Scheduled(cron = "${sample.settlement-schedule}")
    @DistributedLock(name = "settlement", waitTime = "0s", onBusy = OnBusy.SKIP)
    void settle() throws InterruptedException {
        Instant period = periodOf(Instant.now());
        if (settlements.isSettled(period)) {
            return;
        }
        Sales sales = tickets.sales();
        payments.payOut(sales.takings(), properties.paymentTime());
        settlements.add(new Settlement(period, sales.sold(), sales.takings(), properties.instance(), Instant.now()));
    }

    private Instant periodOf(Instant time) {
        Duration period = properties.settlementPeriod();
        return Instant.ofEpochMilli(Math.floorDiv(time.toEpochMilli(), period.toMillis()) * period.toMillis());
    }
}
