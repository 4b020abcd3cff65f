package io.github.sparklorafa.train;

import java.io.PrintStream;
import java.time.Duration;
import java.util.Locale;
import java.util.function.LongSupplier;

/**
 * Shows how training goes on: a bar on a terminal, elsewhere a plain line now and then.
 *
 * <p>Both carry the step, the loss, tokens a second and the time left.
 */
public final class ConsoleProgress implements ProgressListener {
  private static final int BAR_WIDTH = 24;
  private static final Duration BETWEEN_LINES = Duration.ofSeconds(2);
  private static final String CLEAR_LINE = "\r\u001b[K";

  private final PrintStream out;
  private final Style style;
  private final LongSupplier nanoTime;
  private RunStart run = new RunStart(0, 1, 0, 0, 0, 0);
  private long startNanos;
  private long lastLineNanos;
  private boolean barShown;

  /** How lines are written. */
  public enum Style {
    BAR,
    LINES
  }

  public ConsoleProgress(PrintStream out, Style style) {
    this(out, style, System::nanoTime);
  }

  ConsoleProgress(PrintStream out, Style style, LongSupplier nanoTime) {
    this.out = out;
    this.style = style;
    this.nanoTime = nanoTime;
  }

  /** A bar where the process has a terminal, else lines. */
  @SuppressWarnings("SystemConsoleNull") // true of JDK 17 and 21, which Spark 3.5 runs on
  public static ConsoleProgress onStandardOutput() {
    boolean terminal = System.console() != null && !"dumb".equals(System.getenv("TERM"));
    return new ConsoleProgress(System.out, terminal ? Style.BAR : Style.LINES);
  }

  @Override
  public void onStart(RunStart start) {
    run = start;
    startNanos = nanoTime.getAsLong();
    lastLineNanos = startNanos - BETWEEN_LINES.toNanos();
    if (start.attempt() > 0) {
      line(
          start.stepsDone() == 0
              ? "An executor was lost: training starts again"
              : "An executor was lost: training goes on after step " + start.stepsDone());
    }
    line(
        String.format(
            Locale.ROOT,
            "Training %,d of %,d parameters: %d steps on %d %s",
            start.trainableParameters(),
            start.totalParameters(),
            start.steps(),
            start.workers(),
            start.workers() == 1 ? "worker" : "workers"));
  }

  @Override
  public void onNote(String note) {
    line(note);
  }

  @Override
  public void onStep(StepReport report) {
    long now = nanoTime.getAsLong();
    if (style == Style.BAR) {
      out.print(CLEAR_LINE + bar(report.step()) + " " + figures(report, now));
      out.flush();
      barShown = true;
      return;
    }
    boolean last = report.step() >= run.steps();
    if (last || now - lastLineNanos >= BETWEEN_LINES.toNanos()) {
      lastLineNanos = now;
      line(figures(report, now));
    }
  }

  @Override
  public void onEvaluation(EvaluationReport report) {
    StringBuilder text =
        new StringBuilder(
            String.format(
                Locale.ROOT, "step %d  evaluation loss %.4f", report.step(), report.evalLoss()));
    report
        .scores()
        .forEach(
            (name, value) -> text.append(String.format(Locale.ROOT, "  %s %.4f", name, value)));
    line(text.toString());
  }

  @Override
  public void onEnd() {
    if (barShown) {
      out.println();
      barShown = false;
    }
  }

  private void line(String text) {
    onEnd();
    out.println(text);
    out.flush();
  }

  private String bar(long step) {
    int filled = run.steps() == 0 ? 0 : (int) Math.min(BAR_WIDTH, BAR_WIDTH * step / run.steps());
    return "[" + "#".repeat(filled) + "-".repeat(BAR_WIDTH - filled) + "]";
  }

  private String figures(StepReport report, long now) {
    return String.format(
        Locale.ROOT,
        "step %d/%d  loss %.4f  %,.0f tokens/s  %s left",
        report.step(),
        run.steps(),
        report.loss(),
        report.tokensPerSecond(),
        left(report.step(), now));
  }

  private String left(long step, long now) {
    double secondsEach = (now - startNanos) / 1e9 / Math.max(1, step - run.stepsDone());
    long seconds = Math.round(secondsEach * Math.max(0, run.steps() - step));
    return seconds >= 3600
        ? String.format("%d:%02d:%02d", seconds / 3600, seconds / 60 % 60, seconds % 60)
        : String.format("%d:%02d", seconds / 60, seconds % 60);
  }
}
