package io.github.sparklorafa.spark.stage;

import io.github.sparklorafa.checkpoint.AdaptedModel;
import io.github.sparklorafa.data.LabelKind;
import io.github.sparklorafa.data.RowProblem;
import io.github.sparklorafa.data.RowShape;
import io.github.sparklorafa.data.RowSource;
import io.github.sparklorafa.data.TextTokenizer;
import io.github.sparklorafa.data.TokenizedPrompt;
import io.github.sparklorafa.infer.Completion;
import io.github.sparklorafa.infer.Completions;
import io.github.sparklorafa.infer.Completions.Prompt;
import io.github.sparklorafa.infer.Completions.Source;
import io.github.sparklorafa.model.ModelConfig;
import io.github.sparklorafa.model.Objective;
import io.github.sparklorafa.train.Problems;
import java.util.Iterator;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.ToLongBiFunction;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.util.SerializableConfiguration;
import org.apache.spark.util.TaskCompletionListener;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import scala.Tuple2;

/** Completes or answers the rows of one partition. */
final class CompleteTask implements FlatMapFunction<Iterator<Tuple2<Long, Row>>, Row> {
  private static final long serialVersionUID = 1L;
  private static final Logger LOG = LoggerFactory.getLogger(CompleteTask.class);

  private final PredictConfig config;
  private final PredictModel model;
  private final PromptReader reader;
  private final SerializableConfiguration hadoop;

  private CompleteTask(
      PredictConfig config,
      PredictModel model,
      PromptReader reader,
      SerializableConfiguration hadoop) {
    this.config = config;
    this.model = model;
    this.reader = reader;
    this.hadoop = hadoop;
  }

  /**
   * Looks at the headers of the model's files, at its tokenizer and at the columns; what is wrong
   * is added to the problems.
   *
   * @return null with problems
   */
  static CompleteTask checked(
      StructType schema, PredictConfig config, Configuration hadoop, Problems problems) {
    PredictModel model =
        PredictModel.checked(
            config.predictor(),
            (folder, shape) ->
                source(schema, config, kind(shape))
                    .ifPresent(source -> source.checkToAnswer(folder, shape.vocabSize())),
            hadoop,
            problems);
    checkWrites(config, model.shape(), problems);
    LabelKind kind = kind(model.shape());
    RowShape[] asked = new RowShape[1];
    problems.collect(() -> asked[0] = RowColumns.toAnswer(schema, config.columns(), kind));
    PredictColumns.checkBatchSize(config.batchSize(), problems);
    return asked[0] == null
        ? null
        : new CompleteTask(
            config,
            model,
            new PromptReader(schema, asked[0], kind),
            new SerializableConfiguration(hadoop));
  }

  /**
   * @param shape null if it is not known, which is a problem already
   */
  private static LabelKind kind(ModelConfig shape) {
    return shape != null && shape.objective() instanceof Objective.Seq2Seq
        ? LabelKind.WRITTEN
        : LabelKind.NEXT_TOKENS;
  }

  private static Optional<RowSource> source(
      StructType schema, PredictConfig config, LabelKind kind) {
    try {
      return Optional.of(RowColumns.toAnswer(schema, config.columns(), kind).source());
    } catch (IllegalArgumentException e) {
      return Optional.empty(); // told when the columns are looked for
    }
  }

  private static void checkWrites(PredictConfig config, ModelConfig shape, Problems problems) {
    if (shape != null
        && !(shape.objective() instanceof Objective.CausalLm)
        && !(shape.objective() instanceof Objective.Seq2Seq)) {
      problems.add(
          "Cannot write texts: %s was made for %s (use a causal language model or a T5)",
          config.predictor().model(), shape.objective().text());
    }
  }

  @Override
  public Iterator<Row> call(Iterator<Tuple2<Long, Row>> rows) {
    return completed(rows, Tuple2::_2, (row, prompt) -> row._1());
  }

  /**
   * The rows with three more values, in their order.
   *
   * @param row what is read of an input
   * @param number what decides its random numbers
   */
  <T> Iterator<Row> completed(
      Iterator<T> inputs, Function<T, Row> row, ToLongBiFunction<T, TokenizedPrompt> number) {
    TaskContext task = TaskContext.get();
    AdaptedModel shared = SharedModel.of(task, model, hadoop.value());
    TextTokenizer tokenizer =
        new SharedTokenizer(model.folder(), model.shape().vocabSize())
            .in(task, hadoop.value())
            .get();
    Source source =
        new Source(
            shared.writer(),
            tokenizer,
            model.shape().vocabSize(),
            model.shape().maxPositionEmbeddings());
    Asking asking = new Asking(reader, tokenizer);
    Completions<T> completions =
        new Completions<>(
            source,
            config.generation(),
            config.batchSize(),
            inputs,
            input -> {
              TokenizedPrompt prompt = asking.prompt(row.apply(input));
              return new Prompt(prompt, number.applyAsLong(input, prompt));
            });
    // Spark calls listeners in reverse order: model and tokenizer are given back after this.
    task.addTaskCompletionListener((TaskCompletionListener) ended -> completions.close());
    return new Iterator<>() {
      @Override
      public boolean hasNext() {
        return completions.hasNext();
      }

      @Override
      public Row next() {
        var completed = completions.next();
        return result(row.apply(completed.input()), completed.completion());
      }
    };
  }

  /** Reads the rows of a task, and tells once what of a conversation cannot be answered. */
  private static final class Asking {
    private final PromptReader reader;
    private final TextTokenizer tokenizer;
    private boolean told;

    Asking(PromptReader reader, TextTokenizer tokenizer) {
      this.reader = reader;
      this.tokenizer = tokenizer;
    }

    TokenizedPrompt prompt(Row row) {
      TokenizedPrompt prompt = reader.read(row, tokenizer);
      if (!told && prompt.problem().equals(Optional.of(RowProblem.UNFIT_CHAT))) {
        told = true;
        LOG.warn("Passed over a conversation, the first of this task: {}", prompt.detail());
      }
      return prompt;
    }
  }

  private static Row result(Row row, Completion completion) {
    return Rows.with(row, completion.text(), completion.finishReason().text(), completion.tokens());
  }
}
