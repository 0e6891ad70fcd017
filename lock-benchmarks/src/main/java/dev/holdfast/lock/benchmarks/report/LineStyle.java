package dev.holdfast.lock.benchmarks.report;

import java.awt.BasicStroke;
import java.awt.Color;
import org.knowm.xchart.style.markers.Marker;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** A colour for each family of subjects, which people who see few colours can tell apart too; stroke and marker within the family. */
record LineStyle(Color colour, float width, float[] dash, Marker marker) {

    private static final float[] SOLID = {};
    private static final float[] DASHED = {8, 5};
    private static final float[] DOTTED = {2, 4};
    private static final Color BLUE = new Color(0x0072B2);
    private static final Color PURPLE = new Color(0x8E44AD);
    private static final Color GREEN = new Color(0x009E73);
    private static final Color RED = new Color(0xD55E00);
    private static final Color AMBER = new Color(0xE69F00);
    private static final Color BROWN = new Color(0x7B4B2A);
    private static final Color GREY = new Color(0x777777);

    static LineStyle of(String id) {
        return Subject.of(id).map(LineStyle::of).orElse(new LineStyle(GREY, 1.5f, SOLID, SeriesMarkers.CIRCLE));
    }

    private static LineStyle of(Subject subject) {
        return switch (subject) {
            case RAW_PUT -> new LineStyle(Color.BLACK, 2, DASHED, SeriesMarkers.CROSS);
            case HOLDFAST -> new LineStyle(BLUE, 3.5f, SOLID, SeriesMarkers.CIRCLE);
            case HOLDFAST_ASYNC -> new LineStyle(BLUE, 2, DASHED, SeriesMarkers.DIAMOND);
            case HOLDFAST_NO_BATCHING -> new LineStyle(BLUE, 1.5f, DOTTED, SeriesMarkers.SQUARE);
            case HOLDFAST_NO_HANDOVER -> new LineStyle(BLUE, 1.5f, DOTTED, SeriesMarkers.TRIANGLE_UP);
            case GO_MUTEX -> new LineStyle(PURPLE, 2, SOLID, SeriesMarkers.DIAMOND);
            case JETCD_LOCK_SHARED -> new LineStyle(PURPLE, 2, DASHED, SeriesMarkers.SQUARE);
            case JETCD_LOCK_LEASE -> new LineStyle(PURPLE, 2, DOTTED, SeriesMarkers.TRIANGLE_DOWN);
            case ETCDCTL_PUT -> new LineStyle(Color.BLACK, 1.5f, DOTTED, SeriesMarkers.CIRCLE);
            case ETCDCTL_LOCK -> new LineStyle(PURPLE, 1.5f, SOLID, SeriesMarkers.CROSS);
            case HOLDFAST_CLI -> new LineStyle(BLUE, 1.5f, SOLID, SeriesMarkers.CROSS);
            case CURATOR -> new LineStyle(GREEN, 2, SOLID, SeriesMarkers.TRIANGLE_UP);
            case REDISSON -> new LineStyle(RED, 2, SOLID, SeriesMarkers.SQUARE);
            case REDISSON_FAIR -> new LineStyle(RED, 2, DOTTED, SeriesMarkers.DIAMOND);
            case REDISSON_FSYNC -> new LineStyle(RED, 2, DASHED, SeriesMarkers.TRIANGLE_DOWN);
            case SPRING_REDIS -> new LineStyle(AMBER, 2, SOLID, SeriesMarkers.CIRCLE);
            case SPRING_REDIS_FSYNC -> new LineStyle(AMBER, 2, DASHED, SeriesMarkers.TRIANGLE_UP);
            case SHEDLOCK_REDIS -> new LineStyle(BROWN, 2, SOLID, SeriesMarkers.DIAMOND);
            case SPRING_JDBC -> new LineStyle(GREY, 2, SOLID, SeriesMarkers.SQUARE);
            case SHEDLOCK_JDBC -> new LineStyle(GREY, 2, DASHED, SeriesMarkers.CROSS);
        };
    }

    BasicStroke stroke() {
        return dash.length == 0
                ? new BasicStroke(width, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND)
                : new BasicStroke(width, BasicStroke.CAP_BUTT, BasicStroke.JOIN_ROUND, 10, dash, 0);
    }
}
