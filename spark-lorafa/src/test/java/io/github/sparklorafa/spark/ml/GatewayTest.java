package io.github.sparklorafa.spark.ml;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.ParamMap;
import org.junit.jupiter.api.Test;
import py4j.Gateway;
import py4j.ReturnObject;

/**
 * The API as PySpark's gateway calls it: by names and Python's types, through the very class that
 * serves PySpark. Python's lists and dicts arrive as ArrayList and HashMap, its numbers as int,
 * long and double.
 */
class GatewayTest {
  private static final String PACKAGE = "io.github.sparklorafa.spark.ml.";

  private final Gateway gateway = new Gateway(null);

  private String made(String type, Object... arguments) {
    return gateway.invoke(PACKAGE + type, List.of(arguments)).getName();
  }

  private Object called(String target, String method, Object... arguments) {
    ReturnObject result = gateway.invoke(method, target, List.of(arguments));
    return result.isReference()
            || result.isArray()
            || result.isList()
            || result.isMap()
            || result.isSet()
        ? gateway.getObject(result.getName())
        : result.getPrimitiveObject();
  }

  @Test
  void setsParamsOfEveryType() {
    gateway.startup();
    String estimator = made("LoraFaCausalLM");
    called(estimator, "setModel", "m");
    called(estimator, "setRank", 8);
    called(estimator, "setSeed", 7);
    called(estimator, "setGenerationSeed", 1L << 40);
    called(estimator, "setLearningRate", 0.5);
    called(estimator, "setAlpha", 16.0);
    called(estimator, "setPacking", true);
    called(estimator, "setTargetModules", new ArrayList<>(List.of("q_proj", "v_proj")));
    called(estimator, "setLayersToTransform", new ArrayList<>(List.of(0, 1)));
    called(estimator, "setRankPattern", new HashMap<>(Map.of("q_proj", 4)));
    called(estimator, "setAlphaPattern", new HashMap<>(Map.of("q_proj", 4.5)));

    assertThat(called(estimator, "getRank")).isEqualTo(8);
    assertThat(called(estimator, "getSeed")).isEqualTo(7L);
    assertThat(called(estimator, "getAlpha")).isEqualTo(16.0);
    LoraFaCausalLM set = (LoraFaCausalLM) gateway.getObject(estimator);
    assertThat(set.getGenerationSeed()).isEqualTo(1L << 40);
    assertThat(set.getTargetModules()).containsExactly("q_proj", "v_proj");
    assertThat(set.getLayersToTransform()).containsExactly(0, 1);
    assertThat(set.getRankPattern()).isEqualTo(Map.of("q_proj", 4));
    assertThat(set.getAlphaPattern()).isEqualTo(Map.of("q_proj", 4.5));
    assertThat(Configs.of(set, "o").packing()).isTrue();
  }

  /** What PySpark's wrappers do with any stage. */
  @Test
  void findsParamsByName() {
    gateway.startup();
    String estimator = made("LoraFaCausalLM", "uid");
    assertThat(called(estimator, "uid")).isEqualTo("uid");
    assertThat(called(estimator, "hasParam", "rank")).isEqualTo(true);
    Param<?> rank = (Param<?>) called(estimator, "getParam", "rank");
    assertThat(rank.name()).isEqualTo("rank");
    assertThat(called(estimator, "explainParam", rank))
        .isEqualTo("rank: Rank of the adapter. (default: 16)");
    LoraFaCausalLM made = (LoraFaCausalLM) gateway.getObject(estimator);
    ParamMap map = new ParamMap().put(made.rank(), (Object) 3);
    LoraFaCausalLM copy = (LoraFaCausalLM) called(estimator, "copy", map);
    assertThat(copy.getRank()).isEqualTo(3);
  }
}
