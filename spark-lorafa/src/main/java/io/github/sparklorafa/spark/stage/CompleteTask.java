package io.github.sparklorafa.spark.stage;

import io.github.sparklorafa.checkpoint.AdaptedModel;
import io.github.sparklorafa.infer.Completion;
import io.github.sparklorafa.infer.Completions;
import io.github.sparklorafa.infer.Completions.Completed;
import io.github.sparklorafa.infer.Completions.Prompt;
import io.github.sparklorafa.infer.Completions.Source;
import java.util.Iterator;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.sql.Row;
import org.apache.spark.util.SerializableConfiguration;
import org.apache.spark.util.TaskCompletionListener;
import scala.Tuple2;

/** Completes the prompts of one partition of numbered rows. */
final class CompleteTask implements FlatMapFunction<Iterator<Tuple2<Long, Row>>, Row> {
  private static final long serialVersionUID = 1L;

  private final PredictConfig config;
  private final PredictModel model;
  private final int promptIndex;
  private final SerializableConfiguration hadoop;

  /**
   * @param promptIndex of the column with the prompts
   */
  CompleteTask(
      PredictConfig config, PredictModel model, int promptIndex, SerializableConfiguration hadoop) {
    this.config = config;
    this.model = model;
    this.promptIndex = promptIndex;
    this.hadoop = hadoop;
  }

  @Override
  public Iterator<Row> call(Iterator<Tuple2<Long, Row>> rows) {
    TaskContext task = TaskContext.get();
    AdaptedModel shared = SharedModel.of(task, model, hadoop.value());
    Source source =
        new Source(
            shared.writer(),
            new SharedTokenizer(model.folder(), model.shape().vocabSize())
                .in(task, hadoop.value())
                .get(),
            model.shape().vocabSize(),
            model.shape().maxPositionEmbeddings());
    Completions<Tuple2<Long, Row>> completions =
        new Completions<>(source, config.generation(), config.batchSize(), rows, this::prompt);
    // Spark calls listeners in reverse order: model and tokenizer are given back after this.
    task.addTaskCompletionListener((TaskCompletionListener) ended -> completions.close());
    return new Iterator<>() {
      @Override
      public boolean hasNext() {
        return completions.hasNext();
      }

      @Override
      public Row next() {
        return result(completions.next());
      }
    };
  }

  private Prompt prompt(Tuple2<Long, Row> row) {
    return new Prompt(row._2().getString(promptIndex), row._1());
  }

  private static Row result(Completed<Tuple2<Long, Row>> completed) {
    Completion completion = completed.completion();
    return Rows.with(
        completed.input()._2(),
        completion.text(),
        completion.finishReason().text(),
        completion.tokens());
  }
}
