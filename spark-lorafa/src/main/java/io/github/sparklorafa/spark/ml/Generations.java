package io.github.sparklorafa.spark.ml;

import io.github.sparklorafa.infer.BeamSearch;
import io.github.sparklorafa.infer.GenerationConfig;
import io.github.sparklorafa.spark.stage.CompletionColumns;
import java.util.List;

/** What the params of generation say. */
final class Generations {
  private static final int MAX_NEW_TOKENS = 64;
  private static final int BATCH_SIZE = 16;

  private Generations() {}

  static void defaults(GenerationParams<?> params) {
    GenerationConfig usual = GenerationConfig.greedy(MAX_NEW_TOKENS);
    Values.usual(params, params.predictionCol(), "prediction");
    Values.usual(params, params.finishReasonCol(), "");
    Values.usual(params, params.tokensCol(), "");
    Values.usual(params, params.maxNewTokens(), usual.maxNewTokens());
    Values.usual(params, params.temperature(), usual.temperature());
    Values.usual(params, params.topK(), usual.topK());
    Values.usual(params, params.topP(), usual.topP());
    Values.usual(params, params.repetitionPenalty(), usual.repetitionPenalty());
    Values.usual(params, params.stop(), usual.stop().toArray(String[]::new));
    Values.usual(params, params.generationSeed(), usual.seed());
    Values.usual(params, params.numBeams(), BeamSearch.OFF.numBeams());
    Values.usual(params, params.lengthPenalty(), BeamSearch.OFF.lengthPenalty());
    Values.usual(params, params.earlyStopping(), BeamSearch.OFF.earlyStopping().text());
    Values.usual(params, params.predictionBatchSize(), BATCH_SIZE);
  }

  static GenerationConfig config(GenerationParams<?> params) {
    return new GenerationConfig(
        params.getMaxNewTokens(),
        params.getTemperature(),
        params.getTopK(),
        params.getTopP(),
        params.getRepetitionPenalty(),
        List.of(params.getStop()),
        params.getGenerationSeed(),
        new BeamSearch(
            params.getNumBeams(),
            params.getLengthPenalty(),
            BeamSearch.EarlyStopping.parse(params.getEarlyStopping())));
  }

  static CompletionColumns columns(GenerationParams<?> params) {
    return new CompletionColumns(
        params.getPredictionCol(), params.getFinishReasonCol(), params.getTokensCol());
  }
}
