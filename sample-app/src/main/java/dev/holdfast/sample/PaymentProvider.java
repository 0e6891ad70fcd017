package dev.holdfast.sample;

import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/** Stands for a payment provider somewhere else: takes its time to answer and always agrees. */
@Component
class PaymentProvider {

    private static final Logger log = LoggerFactory.getLogger(PaymentProvider.class);

    /** Sets the amount aside on the customer's card; without a ticket it is free again after some days. */
    void authorise(String customer, int cents, Duration answerTime) throws InterruptedException {
        Thread.sleep(answerTime.toMillis());
        log.debug("Authorised {} cents of {}", cents, customer);
    }

    void payOut(long cents, Duration answerTime) throws InterruptedException {
        Thread.sleep(answerTime.toMillis());
        log.debug("Paid out {} cents", cents);
    }
}
