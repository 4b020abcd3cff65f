package io.github.sparklorafa.spark.ui;

import io.github.sparklorafa.markup.Markup;
import io.github.sparklorafa.spark.progress.RunWorker;
import java.util.List;
import java.util.Locale;

/** The workers of a run, and where the time of each goes. */
final class WorkerTable {
  private static final int WIDTH = 160;
  private static final int HEIGHT = 12;
  private static final String[] COLOURS = {"#1f6feb", "#2b8a3e", "#d9480f", "#f2b705", "#adb5bd"};

  private WorkerTable() {}

  static Markup of(List<RunWorker> workers) {
    Table table =
        new Table(
            "lorafa-workers",
            "Worker",
            "Executor",
            "Host",
            "Device",
            "Step",
            "Forward",
            "Backward",
            "Waited for the sum",
            "Waited for rows",
            "The rest",
            "Kept",
            "Sent",
            "");
    for (RunWorker worker : workers) {
      double[] shares = shares(worker);
      table.rowBefore(
          bar(shares),
          Integer.toString(worker.workerRank()),
          worker.executor(),
          worker.host(),
          worker.device(),
          Figures.count(worker.step()),
          Figures.percent(shares[0]),
          Figures.percent(shares[1]),
          Figures.percent(shares[2]),
          Figures.percent(shares[3]),
          Figures.percent(shares[4]),
          Figures.bytes(worker.tapeBytes()),
          Figures.bytes(worker.sentBytes()));
    }
    return table.markup();
  }

  /** Forward, backward, sum, rows and the rest, of the whole time; zeros before the first step. */
  static double[] shares(RunWorker worker) {
    double whole = worker.seconds() + worker.dataSeconds();
    double[] seconds = {
      worker.forwardSeconds(),
      worker.backwardSeconds(),
      worker.syncSeconds(),
      worker.dataSeconds(),
      Math.max(
          0,
          worker.seconds()
              - worker.forwardSeconds()
              - worker.backwardSeconds()
              - worker.syncSeconds())
    };
    for (int i = 0; i < seconds.length; i++) {
      seconds[i] = whole == 0 ? 0 : seconds[i] / whole;
    }
    return seconds;
  }

  private static Markup bar(double[] shares) {
    Markup svg =
        new Markup()
            .open(
                "svg",
                "xmlns",
                "http://www.w3.org/2000/svg",
                "width",
                "" + WIDTH,
                "height",
                "" + HEIGHT);
    double from = 0;
    for (int i = 0; i < shares.length; i++) {
      double width = shares[i] * WIDTH;
      svg.empty(
          "rect",
          "x",
          String.format(Locale.ROOT, "%.1f", from),
          "y",
          "0",
          "width",
          String.format(Locale.ROOT, "%.1f", width),
          "height",
          "" + HEIGHT,
          "fill",
          COLOURS[i]);
      from += width;
    }
    return svg.close();
  }
}
