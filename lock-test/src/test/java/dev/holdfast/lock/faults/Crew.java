package dev.holdfast.lock.faults;

import dev.holdfast.lock.faults.LockUser.Habit;
import java.util.List;

/**
 * Who uses locks: so many workers from the start, more when the rig is told so.
 *
 * @param workers how many from the start
 * @param habits of the users of each worker; those started later than there are lists have the last
 * @param names all compete for them
 */
record Crew(int workers, List<List<Habit>> habits, List<String> names) {

    /** All habits: somebody always holds, and the names are used in every way. */
    static final Crew MIXED = new Crew(
            2,
            List.of(List.of(
                    Habit.KEEPING, Habit.CLAIMING, Habit.BLIND, Habit.MIXED, Habit.MIXED, Habit.KINDS, Habit.KINDS)),
            Rig.NAMES);

    /** Of the worker with that number. */
    List<Habit> habits(int number) {
        return habits.get(Math.min(number, habits.size() - 1));
    }
}
