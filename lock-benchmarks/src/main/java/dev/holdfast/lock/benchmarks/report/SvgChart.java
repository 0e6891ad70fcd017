package dev.holdfast.lock.benchmarks.report;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Dimension;
import java.awt.Font;
import java.io.IOException;
import java.io.StringWriter;
import java.util.DoubleSummaryStatistics;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.apache.batik.svggen.SVGGeneratorContext;
import org.apache.batik.svggen.SVGGraphics2D;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.Styler;

/** Draws a {@link Plot} on logarithmic axes. The same lines give the same bytes on one machine; the fonts are the machine's. */
final class SvgChart {

    private static final int WIDTH = 960;
    private static final int HEIGHT = 560;
    private static final String SVG = "http://www.w3.org/2000/svg";

    private SvgChart() {}

    static String draw(Plot plot, Map<String, TreeMap<Integer, Double>> lines) {
        XYChart chart = new XYChartBuilder()
                .width(WIDTH)
                .height(HEIGHT)
                .title(plot.title())
                .xAxisTitle(plot.xTitle())
                .yAxisTitle(plot.yTitle())
                .build();
        style(chart);
        lines.forEach((subject, line) -> add(chart, subject, line));
        fitToDecades(chart, lines);
        return svg(chart);
    }

    private static void style(XYChart chart) {
        chart.getStyler()
                .setXAxisLogarithmic(true)
                .setYAxisLogarithmic(true)
                .setLegendPosition(Styler.LegendPosition.OutsideE)
                .setLegendBorderColor(Color.WHITE)
                .setLegendFont(new Font(Font.SANS_SERIF, Font.PLAIN, 12))
                .setChartBackgroundColor(Color.WHITE)
                .setChartTitleFont(new Font(Font.SANS_SERIF, Font.BOLD, 15));
        chart.getStyler()
                .setPlotGridLinesColor(new Color(0xDDDDDD))
                // Not dashed: Batik writes each dash as an outline, which makes the file ten times as large.
                .setPlotGridLinesStroke(new BasicStroke(0.7f))
                .setAxisTickLabelsFont(new Font(Font.SANS_SERIF, Font.PLAIN, 12))
                .setAxisTitleFont(new Font(Font.SANS_SERIF, Font.PLAIN, 13))
                .setMarkerSize(8);
        chart.getStyler().setYAxisDecimalPattern("#,##0.###").setXAxisDecimalPattern("#,##0");
    }

    /** Only powers of ten have labels, so the axis begins and ends with one. */
    private static void fitToDecades(XYChart chart, Map<String, TreeMap<Integer, Double>> lines) {
        DoubleSummaryStatistics y = lines.values().stream()
                .flatMap(line -> line.values().stream())
                .collect(Collectors.summarizingDouble(Double::doubleValue));
        double bottom = Math.floor(Math.log10(y.getMin()));
        double top = Math.max(bottom + 1, Math.ceil(Math.log10(y.getMax())));
        chart.getStyler().setYAxisMin(Math.pow(10, bottom)).setYAxisMax(Math.pow(10, top));
    }

    private static void add(XYChart chart, String subject, TreeMap<Integer, Double> line) {
        LineStyle style = LineStyle.of(subject);
        XYSeries series =
                chart.addSeries(Subject.label(subject), List.copyOf(line.keySet()), List.copyOf(line.values()));
        series.setLineColor(style.colour());
        series.setMarkerColor(style.colour());
        series.setMarker(style.marker());
        series.setLineStyle(style.stroke());
    }

    private static String svg(XYChart chart) {
        try (StringWriter text = new StringWriter()) {
            SVGGeneratorContext context = SVGGeneratorContext.createDefault(DocumentBuilderFactory.newInstance()
                    .newDocumentBuilder()
                    .getDOMImplementation()
                    .createDocument(SVG, "svg", null));
            // Text is drawn as outlines.
            context.setPrecision(2);
            SVGGraphics2D graphics = new SVGGraphics2D(context, false);
            graphics.setSVGCanvasSize(new Dimension(WIDTH, HEIGHT));
            chart.paint(graphics, WIDTH, HEIGHT);
            graphics.stream(text, true);
            return text.toString();
        } catch (ParserConfigurationException | IOException e) {
            throw new IllegalStateException("cannot write SVG", e);
        }
    }
}
