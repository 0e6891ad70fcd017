package dev.holdfast.sample;

import dev.holdfast.lock.FencedException;
import dev.holdfast.lock.LockLostException;
import dev.holdfast.lock.LockNotAcquiredException;
import dev.holdfast.lock.LockUnavailableException;
import org.springframework.http.HttpStatus;
import org.springframework.http.ProblemDetail;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.RestControllerAdvice;
import org.springframework.web.server.ResponseStatusException;

/** What callers are told when a booking fails, and whether it makes sense to try again. */
@RestControllerAdvice
class Problems {

    @ExceptionHandler
    ProblemDetail unknown(NoSuchEventException e) {
        return problem(HttpStatus.NOT_FOUND, "unknown", "No such event", String.valueOf(e.getMessage()));
    }

    @ExceptionHandler
    ProblemDetail invalid(IllegalArgumentException e) {
        return problem(HttpStatus.BAD_REQUEST, "invalid", "Not a valid request", String.valueOf(e.getMessage()));
    }

    @ExceptionHandler
    ProblemDetail soldOut(SoldOutException e) {
        return problem(HttpStatus.CONFLICT, "sold-out", "Sold out", String.valueOf(e.getMessage()));
    }

    @ExceptionHandler
    ProblemDetail busy(LockNotAcquiredException e) {
        return problem(HttpStatus.CONFLICT, "busy", "Too many customers at once", "Nothing was booked; try again.");
    }

    @ExceptionHandler({LockLostException.class, FencedException.class})
    ProblemDetail lost(RuntimeException e) {
        return problem(HttpStatus.CONFLICT, "lost", "Overtaken by another sale", "Nothing was booked; try again.");
    }

    @ExceptionHandler
    ProblemDetail unavailable(LockUnavailableException e) {
        return problem(
                HttpStatus.SERVICE_UNAVAILABLE, "unavailable", "Booking is closed", "Nothing was booked; try later.");
    }

    @ExceptionHandler
    ProblemDetail refused(ResponseStatusException e) {
        ProblemDetail problem = e.getBody();
        problem.setProperty("reason", "refused");
        return problem;
    }

    private static ProblemDetail problem(HttpStatus status, String reason, String title, String detail) {
        ProblemDetail problem = ProblemDetail.forStatusAndDetail(status, detail);
        problem.setTitle(title);
        problem.setProperty("reason", reason);
        return problem;
    }
}
