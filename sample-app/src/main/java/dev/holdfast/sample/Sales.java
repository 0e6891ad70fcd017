package dev.holdfast.sample;

/**
 * What was sold so far.
 *
 * @param takings in cents
 */
record Sales(int sold, long takings) {

    static final Sales NONE = new Sales(0, 0);
}
