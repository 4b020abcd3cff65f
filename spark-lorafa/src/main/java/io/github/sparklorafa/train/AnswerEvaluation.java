package io.github.sparklorafa.train;

import io.github.sparklorafa.data.Example;
import io.github.sparklorafa.data.TextTokenizer;
import io.github.sparklorafa.data.TokenStore;
import io.github.sparklorafa.infer.AnswerScores;
import io.github.sparklorafa.infer.Completions;
import io.github.sparklorafa.model.AutoregressiveModel;
import io.github.sparklorafa.model.Model;
import io.github.sparklorafa.model.ModelConfig;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.LongStream;

/** Lets the model write the answers of a worker's share of rows, and counts how good they are. */
final class AnswerEvaluation {
  /** What an answer may be longer than the longest that is expected, so that its end shows. */
  private static final int MORE_TOKENS = 16;

  private final TokenStore data;
  private final Path modelFolder;
  private final int maxNewTokens;

  /**
   * @throws TrainingException if no row expects an answer
   */
  AnswerEvaluation(TokenStore data, TrainInputs inputs) {
    this.data = data;
    this.modelFolder = inputs.modelFolder();
    int longest =
        LongStream.range(0, data.rows())
            .mapToObj(data::example)
            .mapToInt(AnswerScores::answerLength)
            .max()
            .orElse(0);
    if (longest == 0) {
      throw new TrainingException(
          "Cannot measure %s: no row of the evaluation data has a prompt before what is learned (give rows with prompt and completion, or labels of -100 on the prompt, or use eval_loss)"
              .formatted(inputs.config().stopping().metric().text()));
    }
    this.maxNewTokens = longest + MORE_TOKENS;
  }

  /** The counts of {@link AnswerScores#numbers} for the rows of one worker. */
  long[] numbers(Model model, ModelConfig shape, LongStream rows) {
    if (!(model instanceof AutoregressiveModel writer)) {
      throw new IllegalStateException("no text is written with " + shape.modelType());
    }
    try (TextTokenizer tokenizer = TextTokenizer.open(modelFolder, shape.vocabSize())) {
      AnswerScores scores =
          new AnswerScores(
              new Completions.Source(
                  writer, tokenizer, shape.vocabSize(), shape.maxPositionEmbeddings()),
              maxNewTokens);
      List<Example> examples = rows.mapToObj(data::example).toList();
      scores.add(examples);
      return scores.numbers();
    }
  }
}
