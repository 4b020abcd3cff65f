package io.github.sparklorafa.spark.stage;

import io.github.sparklorafa.checkpoint.AdaptedModel;
import io.github.sparklorafa.data.Example;
import io.github.sparklorafa.data.ExampleRules;
import io.github.sparklorafa.data.Examples;
import io.github.sparklorafa.data.TextTokenizer;
import io.github.sparklorafa.infer.ClassPrediction;
import io.github.sparklorafa.infer.TextClassifier;
import io.github.sparklorafa.model.ModelConfig;
import io.github.sparklorafa.model.Objective;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.ml.linalg.Vectors;
import org.apache.spark.sql.Row;
import org.apache.spark.util.SerializableConfiguration;

/**
 * Classifies the rows of one partition, in their order: a stretch of rows is read ahead, and those
 * of like length go through the model together.
 */
final class ClassifyTask implements MapPartitionsFunction<Row, Row> {
  private static final long serialVersionUID = 1L;

  private final ClassifyConfig config;
  private final PredictModel model;
  private final ClassifyInput input;
  private final ClassColumns columns;
  private final SerializableConfiguration hadoop;

  ClassifyTask(
      ClassifyConfig config,
      PredictModel model,
      ClassifyInput input,
      ClassColumns columns,
      SerializableConfiguration hadoop) {
    this.config = config;
    this.model = model;
    this.input = input;
    this.columns = columns;
    this.hadoop = hadoop;
  }

  @Override
  public Iterator<Row> call(Iterator<Row> rows) {
    TaskContext task = TaskContext.get();
    AdaptedModel shared = SharedModel.of(task, model, hadoop.value());
    TextClassifier classifier = new TextClassifier(shared.model());
    Supplier<TextTokenizer> tokenizer =
        new SharedTokenizer(model.folder(), model.shape().vocabSize()).in(task, hadoop.value());
    return ByLength.stretches(
        rows, config.batchSize(), stretch -> classified(stretch, tokenizer, classifier));
  }

  private List<Row> classified(
      List<Row> rows, Supplier<TextTokenizer> tokenizer, TextClassifier classifier) {
    ModelConfig shape = model.shape();
    Examples reader =
        Examples.of(
            ExampleRules.sameTokens(config.maxLength(), shape.vocabSize())
                .withTokenTypes(shape.tokenTypes()));
    List<Optional<Example>> read =
        rows.stream().map(row -> input.read(row, tokenizer, reader)).toList();
    int[] lengths = read.stream().mapToInt(row -> row.map(Example::length).orElse(0)).toArray();
    float[][] logits = new float[rows.size()][];
    for (List<Integer> batch : ByLength.batches(lengths, config.batchSize())) {
      float[][] found =
          classifier.logits(batch.stream().map(i -> read.get(i).orElseThrow()).toList());
      for (int i = 0; i < found.length; i++) {
        logits[batch.get(i)] = found[i];
      }
    }
    return IntStream.range(0, rows.size())
        .mapToObj(i -> Rows.with(rows.get(i), values(logits[i])))
        .toList();
  }

  private Object[] values(float[] logits) {
    Objective.Kind kind = ((Objective.Classification) model.shape().objective()).kind();
    ClassPrediction found = logits == null ? null : ClassPrediction.of(kind, logits);
    List<Object> values = new ArrayList<>();
    if (!columns.raw().isEmpty()) {
      values.add(found == null ? null : several(found.raw()));
    }
    if (!columns.probability().isEmpty() && kind != Objective.Kind.REGRESSION) {
      values.add(found == null ? null : several(found.probabilities()));
    }
    if (!columns.prediction().isEmpty()) {
      values.add(found == null ? null : prediction(kind, found.values()));
    }
    return values.toArray();
  }

  private Object several(double[] numbers) {
    return columns.form() == ClassColumns.Form.VECTORS ? Vectors.dense(numbers) : numbers;
  }

  /** A regression of several numbers has the first here, and all of them in the raw column. */
  private static Object prediction(Objective.Kind kind, double[] values) {
    return kind == Objective.Kind.MULTI_LABEL ? (Object) values : (Object) values[0];
  }
}
