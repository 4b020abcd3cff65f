package io.github.sparklorafa.train;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Writes one JSON line for each step and each evaluation as it happens, so that {@code tail -f}
 * shows the run.
 *
 * <p>When training goes on from a checkpoint, the lines of later steps are dropped and the file
 * goes on; when it begins again, so does the file.
 */
public final class MetricsFile implements ProgressListener {
  private static final ObjectMapper JSON =
      JsonMapper.builder().propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE).build();

  /** The component of a report whose entries stand in the line themselves. */
  private static final String SCORES = "scores";

  private final Path file;

  /** The line of a step. */
  private record Step(
      long step,
      double epoch,
      double loss,
      double learningRate,
      double gradNorm,
      long tokens,
      double tokensPerSecond,
      long bucketBytes,
      long tapeBytes,
      double seconds,
      double syncSeconds,
      double syncWaitSeconds,
      double forwardSeconds,
      double backwardSeconds,
      double dataSeconds) {
    static Step of(StepReport report) {
      return new Step(
          report.step(),
          report.epoch(),
          report.loss(),
          report.learningRate(),
          report.gradNorm(),
          report.tokens(),
          report.tokensPerSecond(),
          report.bucketBytes(),
          report.tapeBytes(),
          report.seconds(),
          report.syncSeconds(),
          report.syncWaitSeconds(),
          report.times().forward(),
          report.times().backward(),
          report.times().data());
    }
  }

  private MetricsFile(Path file) {
    this.file = file;
  }

  /**
   * Makes the file, and the folders above it, where they are missing; lines that are in it stay
   * until {@link #onStart} says which of them still hold.
   *
   * @throws IllegalArgumentException if that is not possible
   */
  public static MetricsFile create(Path file) {
    try {
      Path folder = file.toAbsolutePath().getParent();
      if (folder != null) {
        Files.createDirectories(folder);
      }
      Files.writeString(file, "", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
      return new MetricsFile(file);
    } catch (IOException e) {
      throw new IllegalArgumentException(
          String.format("Cannot write metrics: %s (%s; name a file that can be written)", file, e),
          e);
    }
  }

  @Override
  public void onStart(RunStart start) {
    write(linesUpTo(start.stepsDone()), StandardOpenOption.TRUNCATE_EXISTING);
  }

  /** The lines of steps up to {@code step}; a line that was cut short does not count. */
  private String linesUpTo(long step) {
    if (step == 0) {
      return "";
    }
    try (Stream<String> lines = Files.lines(file)) {
      return lines
          .filter(line -> stepOf(line) <= step)
          .map(line -> line + "\n")
          .collect(Collectors.joining());
    } catch (IOException | UncheckedIOException e) {
      throw new IllegalStateException(
          "Cannot read metrics: " + file + " (check it, or name another file)", e);
    }
  }

  private static long stepOf(String line) {
    try {
      return JSON.readTree(line).path("step").asLong(Long.MAX_VALUE);
    } catch (JsonProcessingException e) {
      return Long.MAX_VALUE;
    }
  }

  @Override
  public void onStep(StepReport report) {
    write(line(Step.of(report)), StandardOpenOption.APPEND);
  }

  @Override
  public void onEvaluation(EvaluationReport report) {
    ObjectNode line = JSON.valueToTree(report);
    line.remove(SCORES);
    report.scores().forEach(line::put);
    write(line(line), StandardOpenOption.APPEND);
  }

  private static String line(Object report) {
    try {
      return JSON.writeValueAsString(report) + "\n";
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("Cannot write as JSON: " + report + " (report this)", e);
    }
  }

  private void write(String text, StandardOpenOption how) {
    try {
      Files.writeString(
          file,
          text,
          StandardCharsets.UTF_8,
          StandardOpenOption.CREATE,
          StandardOpenOption.WRITE,
          how);
    } catch (IOException e) {
      throw new UncheckedIOException(
          "Cannot write metrics: " + file + " (check free space and permissions)", e);
    }
  }
}
