package io.github.sparklorafa.spark.ml;

import io.github.sparklorafa.data.Columns;
import io.github.sparklorafa.data.RowShape;
import io.github.sparklorafa.spark.stage.ClassColumns;
import io.github.sparklorafa.train.Problems;
import io.github.sparklorafa.train.TaskSettings.ProblemType;
import java.util.List;
import org.apache.spark.ml.param.Param;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/** What the params of classification say. */
final class Classifications {
  private static final int BATCH_SIZE = 16;

  private Classifications() {}

  /** Gives the params that only prediction reads their defaults. */
  static void defaults(ClassPredictionParams<?> params) {
    Values.usual(params, params.problemType(), ProblemType.SINGLE_LABEL.text());
    Values.usual(params, params.rawPredictionCol(), "rawPrediction");
    Values.usual(params, params.probabilityCol(), "probability");
    Values.usual(params, params.predictionCol(), "prediction");
    Values.usual(params, params.predictedLabelCol(), "");
    Values.usual(params, params.labelIndexCol(), "");
    Values.usual(params, params.predictionBatchSize(), BATCH_SIZE);
  }

  static void inputDefaults(ClassInputParams<?> params) {
    for (Param<String> column :
        List.of(
            params.textColumn(),
            params.textPairColumn(),
            params.inputIdsColumn(),
            params.attentionMaskColumn(),
            params.tokenTypeIdsColumn(),
            params.labelColumn())) {
      Values.usual(params, column, "");
    }
    Values.usual(params, params.maxLength(), Configs.usual().maxLength());
  }

  static ProblemType problemType(ClassPredictionParams<?> params) {
    return ProblemType.parse(params.getProblemType());
  }

  static ClassColumns columns(ClassPredictionParams<?> params) {
    return new ClassColumns(
        params.getRawPredictionCol(),
        params.getProbabilityCol(),
        params.getPredictionCol(),
        ClassColumns.Form.VECTORS);
  }

  static Columns input(ClassInputParams<?> params) {
    return Columns.USUAL
        .with(RowShape.TEXT, params.getTextColumn())
        .with(RowShape.TEXT_PAIR, params.getTextPairColumn())
        .with(RowShape.INPUT_IDS, params.getInputIdsColumn())
        .with(RowShape.ATTENTION_MASK, params.getAttentionMaskColumn())
        .with(RowShape.TOKEN_TYPE_IDS, params.getTokenTypeIdsColumn());
  }

  /**
   * The columns of texts that are added where labels are texts.
   *
   * @param schema with the columns that all classifiers add
   * @param labelled whether the rows have the column of labels
   */
  static StructType named(StructType schema, ClassPredictionParams<?> params, boolean labelled) {
    Problems problems = new Problems();
    StructType more = schema;
    if (!params.getPredictedLabelCol().isEmpty()) {
      Classes.checkNew(more, params.getPredictedLabelCol(), problems);
      more = more.add(params.getPredictedLabelCol(), DataTypes.StringType);
    }
    if (labelled && !params.getLabelIndexCol().isEmpty()) {
      Classes.checkNew(more, params.getLabelIndexCol(), problems);
      more = more.add(params.getLabelIndexCol(), DataTypes.DoubleType);
    }
    problems.throwIfAny();
    return more;
  }
}
