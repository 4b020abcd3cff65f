package io.github.sparklorafa.spark.stage;

import io.github.sparklorafa.checkpoint.AdaptedModel;
import io.github.sparklorafa.data.Example;
import io.github.sparklorafa.data.Examples;
import io.github.sparklorafa.data.TextTokenizer;
import io.github.sparklorafa.data.TokenizedRow;
import io.github.sparklorafa.infer.Scorer;
import io.github.sparklorafa.model.Model.LossSum;
import java.util.Iterator;
import java.util.function.Supplier;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.sql.Row;
import org.apache.spark.util.SerializableConfiguration;
import scala.Tuple2;

/** Scores one partition of numbered rows. */
final class ScoreTask implements FlatMapFunction<Iterator<Tuple2<Long, Row>>, Row> {
  private static final long serialVersionUID = 1L;

  private final PredictModel model;
  private final int maxLength;
  private final RowReader reader;
  private final SerializableConfiguration hadoop;

  ScoreTask(PredictModel model, int maxLength, RowReader reader, SerializableConfiguration hadoop) {
    this.model = model;
    this.maxLength = maxLength;
    this.reader = reader;
    this.hadoop = hadoop;
  }

  @Override
  public Iterator<Row> call(Iterator<Tuple2<Long, Row>> rows) {
    AdaptedModel shared = SharedModel.of(TaskContext.get(), model, hadoop.value());
    Scorer scorer = new Scorer(shared.model());
    Examples examples = Examples.limitedTo(maxLength, model.shape().vocabSize());
    Supplier<TextTokenizer> tokenizer =
        new SharedTokenizer(model.folder(), model.shape().vocabSize())
            .in(TaskContext.get(), hadoop.value());
    return new Iterator<>() {
      @Override
      public boolean hasNext() {
        return rows.hasNext();
      }

      @Override
      public Row next() {
        Row row = rows.next()._2();
        return scored(row, reader.read(examples, row, tokenizer), scorer);
      }
    };
  }

  private static Row scored(Row row, TokenizedRow tokenized, Scorer scorer) {
    Example example = tokenized.example().orElse(null);
    if (example == null || example.lossTerms() == 0) {
      String problem =
          tokenized
              .problem()
              .map(kind -> kind.text() + ": " + tokenized.detail())
              .orElse("no label to predict");
      return Rows.with(row, null, null, 0L, problem);
    }
    LossSum loss = scorer.score(example);
    return Rows.with(row, loss.mean(), Math.exp(loss.mean()), loss.terms(), null);
  }
}
