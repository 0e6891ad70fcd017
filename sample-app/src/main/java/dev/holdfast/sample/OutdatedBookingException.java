package dev.holdfast.sample;

/** The database has seen a later holder of the lock, so this booking's view of the free seats is outdated. */
final class OutdatedBookingException extends RuntimeException {

    OutdatedBookingException(Ticket ticket) {
        super("Event " + ticket.eventId() + " was sold from by a later holder than token " + ticket.fence()
                + "; nothing was booked");
    }
}
