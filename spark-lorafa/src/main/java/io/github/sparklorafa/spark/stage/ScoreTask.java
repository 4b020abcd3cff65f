package io.github.sparklorafa.spark.stage;

import io.github.sparklorafa.data.Example;
import io.github.sparklorafa.data.ExampleRules;
import io.github.sparklorafa.data.Examples;
import io.github.sparklorafa.data.TextTokenizer;
import io.github.sparklorafa.data.TokenizedRow;
import io.github.sparklorafa.infer.Scorer;
import io.github.sparklorafa.model.Model.LossSum;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Row;
import org.apache.spark.util.SerializableConfiguration;

/**
 * Measures the rows of one partition, in their order: a stretch of rows is read ahead, and those of
 * like length go through the model together.
 */
final class ScoreTask implements MapPartitionsFunction<Row, Row> {
  private static final long serialVersionUID = 1L;

  private final PredictModel model;
  private final ExampleRules rules;
  private final RowReader reader;
  private final int batchSize;
  private final LossColumns columns;
  private final SerializableConfiguration hadoop;

  ScoreTask(
      PredictModel model,
      ExampleRules rules,
      RowReader reader,
      int batchSize,
      LossColumns columns,
      SerializableConfiguration hadoop) {
    this.model = model;
    this.rules = rules;
    this.reader = reader;
    this.batchSize = batchSize;
    this.columns = columns;
    this.hadoop = hadoop;
  }

  @Override
  public Iterator<Row> call(Iterator<Row> rows) {
    TaskContext task = TaskContext.get();
    Scorer scorer = new Scorer(SharedModel.of(task, model, hadoop.value()).writer());
    Examples examples = Examples.of(rules);
    Supplier<TextTokenizer> tokenizer =
        new SharedTokenizer(model.folder(), model.shape().vocabSize()).in(task, hadoop.value());
    return ByLength.stretches(
        rows,
        batchSize,
        stretch ->
            scored(
                stretch,
                stretch.stream().map(row -> reader.read(examples, row, tokenizer)).toList(),
                scorer));
  }

  private List<Row> scored(List<Row> rows, List<TokenizedRow> tokenized, Scorer scorer) {
    int[] lengths =
        tokenized.stream()
            .mapToInt(
                row -> row.example().filter(e -> e.lossTerms() > 0).map(Example::length).orElse(0))
            .toArray();
    LossSum[] losses = new LossSum[rows.size()];
    for (List<Integer> batch : ByLength.batches(lengths, batchSize)) {
      List<LossSum> sums =
          scorer.score(batch.stream().map(i -> tokenized.get(i).example().orElseThrow()).toList());
      IntStream.range(0, sums.size()).forEach(i -> losses[batch.get(i)] = sums.get(i));
    }
    return IntStream.range(0, rows.size())
        .mapToObj(i -> Rows.with(rows.get(i), values(losses[i], tokenized.get(i))))
        .toList();
  }

  /** Of the columns that somebody named. */
  private Object[] values(LossSum loss, TokenizedRow row) {
    Object[] all =
        loss == null
            ? new Object[] {null, null, 0L, problem(row)}
            : new Object[] {loss.mean(), Math.exp(loss.mean()), loss.terms(), null};
    List<Object> named = new ArrayList<>();
    for (int i = 0; i < all.length; i++) {
      if (!columns.names().get(i).isEmpty()) {
        named.add(all[i]);
      }
    }
    return named.toArray();
  }

  private static String problem(TokenizedRow row) {
    return row.problem()
        .map(kind -> kind.text() + ": " + row.detail())
        .orElse("no label to predict");
  }
}
