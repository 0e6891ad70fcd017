package dev.holdfast.lock.history;

import com.google.gson.Gson;
import org.jspecify.annotations.Nullable;

/**
 * One thing that happened.
 *
 * @param at nanoseconds on a clock that all processes share
 * @param process who saw or did it
 * @param kind what
 * @param name the lock's name, as its handle says it; empty if it is not about one. A call for several names at once and what its user
 *     and listeners hear go by one name, whose parts the terms of the request say; the store and the resource go by part
 * @param call number of the call it belongs to, unique in the history; 0: none
 * @param number what {@link Kind} says: the number of a hold, unique for its name, a lease, an entry, a duration in nanoseconds
 * @param detail for people, and what {@link Kind} says
 * @param stated the terms that {@link Kind} says; null: {@link Terms#EXCLUSIVE}, as in lines that are older than terms
 * @param entry create revision of the entry by which the hold is held: several holds, one after the other, can have the same; 0: the
 *     number of the hold, which so is its token, too
 * @param token what {@link Kind} says; 0: none
 */
public record Event(
        long at,
        String process,
        Kind kind,
        String name,
        long call,
        long number,
        String detail,
        @Nullable Terms stated,
        long entry,
        long token) {

    /** Detail of a request that does not wait for others. */
    public static final String TRY = "try";

    /** Detail of a request that must be granted, since nothing stands in its way any more. */
    public static final String PROBE = "probe";

    /** Detail of a grant whose lease is not renewed: it may be lost without a fault. */
    public static final String NOT_RENEWED = "not renewed";

    /** Detail of the end of a release for which nobody waited. */
    public static final String IN_BACKGROUND = "in background";

    /** Detail of a write by somebody who asked in that very moment and holds. */
    public static final String HOLDER = "holder";

    /** In the detail of a call that ended because others for the name state another kind or number of permits. */
    public static final String CONFLICT = "LockConflictException";

    private static final Gson JSON = new Gson();

    /** On no terms but the ordinary. */
    public Event(long at, String process, Kind kind, String name, long call, long number, String detail) {
        this(at, process, kind, name, call, number, detail, null);
    }

    /** Of a hold that is its entry's only one. */
    public Event(
            long at,
            String process,
            Kind kind,
            String name,
            long call,
            long number,
            String detail,
            @Nullable Terms stated) {
        this(at, process, kind, name, call, number, detail, stated, 0, 0);
    }

    /** What can happen. "Told" means: the user's code heard of it. */
    public enum Kind {
        /** A process came to life. */
        STARTED,
        /** It died at once, as by kill -9. */
        KILLED,
        /** It was stopped and runs nothing, as by SIGSTOP. */
        STOPPED,
        CONTINUED,

        /** A call begins, at the moment before it; number: nanoseconds it is ready to wait; terms: what it asks for. */
        REQUESTED,
        /** The call returned a hold, at the moment after it; token: its fencing token, unless that is to be drawn. Terms: the request's. */
        GRANTED,
        /** The call returned without; detail: how. */
        NOT_GRANTED,
        /** The calling thread was interrupted, or its future cancelled. */
        INTERRUPTED,

        /** {@code fencingToken()} gave the token of a hold that had none so far, at the moment after it. */
        DRAWN,

        /** {@code isHeld()} said yes; at: the moment before it was asked. */
        HELD,
        /** {@code isHeld()} said no; at: the moment after it. */
        NOT_HELD,
        /** A write hold is to become a read hold, at the moment before. What is said after that is said as a reader. */
        DOWNGRADING,
        /** It has become one, at the moment after; the number stays. */
        DOWNGRADED,
        /** Its times count anew and the call said yes; at: the moment before. Terms: the new times. */
        EXTENDED,
        /** The user gives the hold back; at: the moment before. */
        RELEASING,
        /** The user was told that nothing of a hold given back is left, or that it was passed on. */
        RELEASED,
        /** A listener was told of the hold. */
        TOLD_ACQUIRED,
        /** A listener was told that the hold was released. */
        TOLD_RELEASED,
        /** A listener was told that the hold is lost; detail: the {@code LockLoss.Reason}. */
        TOLD_LOST,

        /** A session has ended for its process; number: lease. */
        SESSION_ENDED,
        /** A renewal was sent; number: lease. */
        RENEWING,

        /** The process was told that a lease lives; number: lease; detail: the nanoseconds at which it asked. */
        CONFIRMED,

        CLOSING,
        CLOSED,

        /** The store has a new entry; number: create revision; terms: what it says it is, and its names if it tells them. */
        PUT,
        /** An entry was written anew; number: create revision; token: revision of the write; terms: what it says it is from now on. */
        CHANGED,
        /** The store has the entry no longer; number: create revision. */
        DELETED,

        /** The fenced resource took a write; token: the writer's; number: the same if it knows no holds. */
        WRITTEN,
        /** The fenced resource refused a write; the same. */
        WRITE_REFUSED,

        /** Somebody else's hand on an entry or lease: what follows for its holds is no fault; number: create revision. */
        INTERFERED,
        /** A fault began; detail: which. */
        FAULT,
        /** No fault is left. */
        HEALED,
        /** Something is left that should not be; detail: what. */
        LEFT_OVER,
        /** Far more requests were sent than the work needs; number: in one second. */
        STORM,
        /** A call, a handle or a listener says what another denies; detail: what. */
        CONTRADICTED
    }

    public Event withTerms(Terms terms) {
        return new Event(at, process, kind, name, call, number, detail, terms, entry, token);
    }

    /** Of the hold that has this entry. */
    public Event ofEntry(long created) {
        return new Event(at, process, kind, name, call, number, detail, stated, created, token);
    }

    public Event withToken(long drawn) {
        return new Event(at, process, kind, name, call, number, detail, stated, entry, drawn);
    }

    /** Of an event of a hold: the create revision of its entry. */
    long entryOrNumber() {
        return entry == 0 ? number : entry;
    }

    /** Of a grant, a draw or a write: the token; 0: none. */
    long tokenOrNumber() {
        return token == 0 && entry == 0 ? number : token;
    }

    public Terms terms() {
        return stated == null ? Terms.EXCLUSIVE : stated;
    }

    /** As one line of JSON. */
    public String toLine() {
        return JSON.toJson(this);
    }

    public static Event ofLine(String line) {
        return JSON.fromJson(line, Event.class);
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        text.append(String.format("%14.6f", at / 1e9))
                .append(' ')
                .append(process)
                .append(' ');
        text.append(kind);
        if (!name.isEmpty()) {
            text.append(' ').append(name);
        }
        if (call != 0) {
            text.append(" call ").append(call);
        }
        if (number != 0) {
            text.append(' ').append(number);
        }
        if (entry != 0) {
            text.append(" of entry ").append(entry);
        }
        if (token != 0) {
            text.append(" token ").append(token);
        }
        if (!detail.isEmpty()) {
            text.append(" (").append(detail).append(')');
        }
        if (stated != null) {
            text.append(' ').append(stated);
        }
        return text.toString();
    }
}
