package io.github.sparklorafa.markup;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * Curves over steps as an SVG picture that needs nothing else: no script, no style sheet, no font
 * but the reader's own.
 */
public final class LineChart {
  private static final int WIDTH = 560;
  private static final int HEIGHT = 240;
  private static final int LEFT = 62;
  private static final int RIGHT = 14;
  private static final int TOP = 30;
  private static final int BOTTOM = 34;
  private static final int TICKS = 5;
  private static final String GRID = "#e3e6ea";
  private static final String INK = "#444c56";
  private static final List<String> COLOURS = List.of("#1f6feb", "#d9480f", "#2b8a3e", "#9c36b5");

  private final String title;
  private final List<Curve> curves = new ArrayList<>();
  private boolean fromZero;

  /** A point; one that is not finite leaves a gap. */
  public record Point(double x, double y) {
    boolean isFinite() {
      return Double.isFinite(x) && Double.isFinite(y);
    }
  }

  private record Curve(String name, List<Point> points, boolean marked) {}

  /** A range of an axis, a little wider than its numbers. */
  private record Range(double from, double to) {
    double share(double value) {
      return (value - from) / (to - from);
    }

    double step() {
      double rough = (to - from) / TICKS;
      double power = Math.pow(10, Math.floor(Math.log10(rough)));
      double digit = rough / power;
      return power * (digit <= 1 ? 1 : digit <= 2 ? 2 : digit <= 5 ? 5 : 10);
    }

    /** None where numbers are so large that their differences are none. */
    List<Double> ticks() {
      double step = step();
      List<Double> ticks = new ArrayList<>();
      long i = step > 0 ? (long) Math.ceil(from / step - 1e-9) : Long.MAX_VALUE;
      while (i < Long.MAX_VALUE && i * step <= to + step * 1e-9 && ticks.size() <= 4 * TICKS) {
        ticks.add(i * step);
        i++;
      }
      return ticks;
    }
  }

  public LineChart(String title) {
    this.title = title;
  }

  /** A curve; without points it is left out. */
  public LineChart line(String name, List<Point> points) {
    return add(name, points, false);
  }

  /** A curve whose points are few, and shown. */
  public LineChart marks(String name, List<Point> points) {
    return add(name, points, true);
  }

  private LineChart add(String name, List<Point> points, boolean marked) {
    if (points.stream().anyMatch(Point::isFinite)) {
      curves.add(new Curve(name, List.copyOf(points), marked));
    }
    return this;
  }

  /** Begins the upright axis at 0. */
  public LineChart fromZero() {
    fromZero = true;
    return this;
  }

  /** The picture, or a sentence in its place where there are no points yet. */
  public Markup svg() {
    Markup svg = new Markup();
    svg.open(
        "svg",
        "xmlns",
        "http://www.w3.org/2000/svg",
        "viewBox",
        "0 0 " + WIDTH + " " + HEIGHT,
        "width",
        "" + WIDTH,
        "height",
        "" + HEIGHT,
        "role",
        "img",
        "font-family",
        "sans-serif",
        "font-size",
        "11");
    svg.element("title", title);
    label(svg, LEFT, 16, "start", title, "bold");
    if (curves.isEmpty()) {
      label(svg, WIDTH / 2.0, HEIGHT / 2.0, "middle", "nothing yet", "");
    } else {
      draw(svg);
    }
    return svg.close();
  }

  private void draw(Markup svg) {
    Range steps = range(0, false);
    Range values = range(1, fromZero);
    for (double tick : values.ticks()) {
      double y = y(values, tick);
      line(svg, LEFT, y, WIDTH - RIGHT, y);
      label(svg, LEFT - 6, y + 4, "end", text(tick, values.step()), "");
    }
    for (double tick : steps.ticks()) {
      if (tick == Math.rint(tick)) {
        double x = x(steps, tick);
        line(svg, x, HEIGHT - BOTTOM, x, HEIGHT - BOTTOM + 4);
        label(svg, x, HEIGHT - BOTTOM + 16, "middle", text(tick, 1), "");
      }
    }
    label(svg, (LEFT + WIDTH - RIGHT) / 2.0, HEIGHT - 4, "middle", "step", "");
    for (int i = 0; i < curves.size(); i++) {
      draw(svg, curves.get(i), COLOURS.get(i % COLOURS.size()), steps, values);
      legend(svg, i);
    }
  }

  private void draw(Markup svg, Curve curve, String colour, Range steps, Range values) {
    List<List<Point>> parts = new ArrayList<>(List.of(new ArrayList<>()));
    for (Point point : curve.points()) {
      if (point.isFinite()) {
        parts.get(parts.size() - 1).add(point);
      } else {
        parts.add(new ArrayList<>());
      }
    }
    for (List<Point> part : parts) {
      if (part.size() > 1) {
        String points =
            part.stream()
                .map(point -> number(x(steps, point.x())) + "," + number(y(values, point.y())))
                .collect(Collectors.joining(" "));
        svg.empty(
            "polyline", "points", points, "fill", "none", "stroke", colour, "stroke-width", "1.5");
      }
      for (Point point : part) {
        if (curve.marked() || part.size() == 1) {
          svg.open(
              "circle",
              "cx",
              number(x(steps, point.x())),
              "cy",
              number(y(values, point.y())),
              "r",
              "3",
              "fill",
              colour);
          svg.element("title", curve.name() + " " + point.y() + " at step " + (long) point.x());
          svg.close();
        }
      }
    }
  }

  /** From the right, so that the title has the left. */
  private void legend(Markup svg, int index) {
    if (curves.size() == 1) {
      return;
    }
    double end = WIDTH - RIGHT;
    for (int i = curves.size() - 1; i > index; i--) {
      end -= 30 + 6.2 * curves.get(i).name().length();
    }
    double width = 6.2 * curves.get(index).name().length();
    svg.empty(
        "rect",
        "x",
        number(end - width - 16),
        "y",
        "8",
        "width",
        "10",
        "height",
        "10",
        "fill",
        COLOURS.get(index % COLOURS.size()));
    label(svg, end - width - 2, 17, "start", curves.get(index).name(), "");
  }

  private static void label(
      Markup svg, double x, double y, String anchor, String text, String weight) {
    svg.element(
        "text",
        text,
        "x",
        number(x),
        "y",
        number(y),
        "text-anchor",
        anchor,
        "fill",
        INK,
        "font-weight",
        weight);
  }

  private static void line(Markup svg, double x1, double y1, double x2, double y2) {
    svg.empty(
        "line",
        "x1",
        number(x1),
        "y1",
        number(y1),
        "x2",
        number(x2),
        "y2",
        number(y2),
        "stroke",
        GRID);
  }

  private static double x(Range range, double value) {
    return LEFT + range.share(value) * (WIDTH - LEFT - RIGHT);
  }

  private static double y(Range range, double value) {
    return HEIGHT - BOTTOM - range.share(value) * (HEIGHT - TOP - BOTTOM);
  }

  private Range range(int axis, boolean zero) {
    List<Double> all =
        curves.stream()
            .flatMap(curve -> curve.points().stream())
            .filter(Point::isFinite)
            .map(point -> axis == 0 ? point.x() : point.y())
            .toList();
    double least = all.stream().mapToDouble(Double::doubleValue).min().orElse(0);
    double most = all.stream().mapToDouble(Double::doubleValue).max().orElse(1);
    double from = zero ? Math.min(0, least) : least;
    double span = most - from;
    if (span == 0) {
      double around = most == 0 ? 1 : Math.abs(most) / 10;
      return new Range(from - (zero ? 0 : around), most + around);
    }
    double room = axis == 0 ? 0 : span / 20;
    return new Range(zero && from == 0 ? 0 : from - room, most + room);
  }

  /** As many digits as tell one tick from the next. */
  private static String text(double value, double step) {
    double size = Math.max(Math.abs(value), step);
    if (size >= 1e6 || size < 1e-3) {
      return value == 0 ? "0" : String.format(Locale.ROOT, "%.1e", value);
    }
    int digits = (int) Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
    return String.format(Locale.ROOT, "%,." + digits + "f", value);
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, "%.1f", value);
  }
}
