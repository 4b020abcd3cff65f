package io.github.sparklorafa.bigdl;

import com.intel.analytics.bigdl.visualization.Summary;
import com.intel.analytics.bigdl.visualization.TrainSummary;
import com.intel.analytics.bigdl.visualization.ValidationSummary;
import io.github.sparklorafa.bigdl.seam.FileWriter;
import io.github.sparklorafa.spark.stage.EventFiles;
import io.github.sparklorafa.train.EvaluationReport;
import io.github.sparklorafa.train.ProgressListener;
import io.github.sparklorafa.train.RunStart;
import io.github.sparklorafa.train.StepReport;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/**
 * Writes a run by BigDL's {@code TrainSummary} and {@code ValidationSummary}: the folders {@code
 * train} and {@code validation} of the run, under BigDL's names where BigDL has one.
 */
public final class TensorBoardFiles implements EventFiles {
  private static final List<String> SCHEMES = List.of("file", "hdfs");

  /** Made by {@link java.util.ServiceLoader}. */
  public TensorBoardFiles() {}

  @Override
  public ProgressListener open(String folder, String run, Configuration hadoop) {
    String scheme = new Path(folder).toUri().getScheme();
    if (!SCHEMES.contains(scheme)) {
      throw new IllegalArgumentException(
          "Cannot write event files: %s (a file in %s: is seen only when it is closed; use a local path or hdfs:)"
              .formatted(folder, scheme));
    }
    FileWriter.useSettings(hadoop);
    try {
      Summary train = new TrainSummary(folder, run);
      FileWriter trainFile = FileWriter.lastOpened();
      Summary validation = new ValidationSummary(folder, run);
      return new Files(train, trainFile, validation, FileWriter.lastOpened());
    } finally {
      FileWriter.useSettings(null);
    }
  }

  /** The two files of a run. */
  private record Files(
      Summary train, FileWriter trainFile, Summary validation, FileWriter validationFile)
      implements ProgressListener {
    @Override
    public void onStart(RunStart start) {
      trainFile.restartAt(start.stepsDone() + 1);
      validationFile.restartAt(start.stepsDone() + 1);
    }

    @Override
    public void onStep(StepReport report) {
      long step = report.step();
      add(train, "Loss", report.loss(), step);
      add(train, "LearningRate", report.learningRate(), step);
      add(train, "Throughput", report.tokensPerSecond(), step);
      add(train, "GradientNorm", report.gradNorm(), step);
      add(train, "BytesKept", report.tapeBytes(), step);
      add(train, "BytesSent", report.bucketBytes(), step);
    }

    @Override
    public void onEvaluation(EvaluationReport report) {
      add(validation, "Loss", report.evalLoss(), report.step());
      report.scores().forEach((name, value) -> add(validation, name, value, report.step()));
    }

    private static void add(Summary summary, String tag, double value, long step) {
      Summary unused = summary.addScalar(tag, (float) value, step);
    }

    @Override
    public void onEnd() {
      train.close();
      validation.close();
    }
  }
}
