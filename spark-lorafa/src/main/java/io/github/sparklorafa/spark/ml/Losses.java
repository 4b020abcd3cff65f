package io.github.sparklorafa.spark.ml;

import io.github.sparklorafa.spark.stage.LossColumns;
import java.util.List;
import org.apache.spark.ml.param.Param;

/** What the params of losses say. */
final class Losses {
  private Losses() {}

  static void defaults(LossParams<?> params) {
    for (Param<String> column :
        List.of(params.lossCol(), params.perplexityCol(), params.lossTokensCol())) {
      Values.usual(params, column, "");
    }
  }

  static LossColumns columns(LossParams<?> params) {
    return new LossColumns(
        params.getLossCol(), params.getPerplexityCol(), params.getLossTokensCol(), "");
  }
}
