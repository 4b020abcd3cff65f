package io.github.sparklorafa.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.sparklorafa.spark.ml.LoraFaCausalLM;
import io.github.sparklorafa.spark.ml.LoraFaSeq2Seq;
import io.github.sparklorafa.spark.ml.LoraFaSequenceClassifier;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.Params;
import org.junit.jupiter.api.Test;

/** What the train command can do, an Estimator can. */
class MlParamsTest {
  /** The estimator itself says what is learned, and is given its rows; none hides tokens. */
  private static final Set<String> NO_PARAMS =
      Set.of(
          "task",
          "data",
          "format",
          "eval-data",
          "options",
          "where",
          "eval-where",
          "mlm-probability");

  private static final List<Params> ESTIMATORS =
      List.of(new LoraFaCausalLM(), new LoraFaSequenceClassifier(), new LoraFaSeq2Seq());

  @Test
  void everyFlagHasAParam() {
    Set<String> params = new TreeSet<>();
    ESTIMATORS.forEach(
        estimator -> Stream.of(estimator.params()).map(Param::name).forEach(params::add));
    assertThat(
            TrainFlags.ALL.stream()
                .map(TrainFlag::name)
                .filter(flag -> !NO_PARAMS.contains(flag))
                .map(MlParamsTest::camelCase)
                .filter(name -> !params.contains(name)))
        .as("flags of train without a param (see docs/spark-ml.md)")
        .isEmpty();
    assertThat(TrainFlags.ALL).extracting(TrainFlag::name).containsAll(NO_PARAMS);
  }

  private static String camelCase(String flag) {
    StringBuilder name = new StringBuilder();
    for (String word : flag.split("-")) {
      name.append(
          name.isEmpty() ? word : Character.toUpperCase(word.charAt(0)) + word.substring(1));
    }
    return name.toString();
  }
}
