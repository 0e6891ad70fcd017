package dev.holdfast.lock.benchmarks.report;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** A table that is Markdown and can be read on a terminal. */
record Table(List<String> header, List<List<String>> rows) {

    Table {
        rows = rows.stream().map(row -> row.stream().map(Table::cell).toList()).toList();
    }

    private static String cell(String text) {
        return text.replace("|", "\\|").replace('\n', ' ');
    }

    String text() {
        String rule = IntStream.range(0, header.size())
                .mapToObj(column -> "-".repeat(width(column)))
                .collect(Collectors.joining(" | ", "| ", " |"));
        return line(header) + "\n" + rule + "\n"
                + rows.stream().map(row -> line(row) + "\n").collect(Collectors.joining());
    }

    private String line(List<String> cells) {
        return IntStream.range(0, header.size())
                .mapToObj(column -> pad(column, cells.get(column)))
                .collect(Collectors.joining(" | ", "| ", " |"));
    }

    private String pad(int column, String cell) {
        return cell + " ".repeat(width(column) - cell.length());
    }

    private int width(int column) {
        int widest =
                rows.stream().mapToInt(row -> row.get(column).length()).max().orElse(0);
        return Math.max(3, Math.max(widest, header.get(column).length()));
    }
}
