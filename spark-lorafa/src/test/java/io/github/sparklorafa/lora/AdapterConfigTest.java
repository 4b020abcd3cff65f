package io.github.sparklorafa.lora;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AdapterConfigTest {
  @Test
  void scaleIsAlphaOverRankOrOverItsRoot() {
    assertThat(config(false).scaleOf("q_proj")).isEqualTo(2);
    assertThat(config(true).scaleOf("q_proj")).isEqualTo(8);
  }

  private static AdapterConfig config(boolean rsLora) {
    return new AdapterConfig(16, 32, List.of(TargetModules.ALL_LINEAR), List.of(), rsLora);
  }

  private static final String Q = "model.layers.1.self_attn.q_proj";

  /** The same calls in PEFT 0.21: {@code get_pattern_key} and {@code re.fullmatch}. */
  @ParameterizedTest
  @CsvSource({
    "q_proj, true",
    "self_attn.q_proj, true",
    "layers.1.*, true",
    "layers.[0-9]+.self_attn.(q|v)_proj, true",
    "q_proj|up_proj, true",
    "^model.layers.1.self_attn.q_proj, true",
    "(?P<p>q)_proj, true",
    "(?P<the_q>q)_proj, true",
    "(?P<a_1>[a-z])elf_(?P=a_1)?attn.q_proj, true",
    "_proj, false",
    "proj, false",
    "attn.q_proj, false",
    "^q_proj, false",
    "layers.1, false",
    "Q_PROJ, false"
  })
  void patternsMatchTheEndsOfNames(String key, boolean expected) {
    assertThat(AdapterPatterns.matches(key, Q)).isEqualTo(expected);
    AdapterConfig config = patterns(Map.of(key, 4), Map.of(key, 6.0), List.of(), List.of());
    assertThat(config.rankOf(Q)).isEqualTo(expected ? 4 : 16);
    assertThat(config.scaleOf(Q)).isEqualTo(expected ? 1.5 : 2);
  }

  @Test
  void theFirstPatternThatMatchesDecides() {
    Map<String, Integer> ranks = new LinkedHashMap<>();
    ranks.put("self_attn.q_proj", 3);
    ranks.put("q_proj", 5);
    assertThat(patterns(ranks, Map.of(), List.of(), List.of()).rankOf(Q)).isEqualTo(3);
    assertThat(patterns(ranks, Map.of("v_proj", 1.0), List.of(), List.of()).scaleOf(Q))
        .isEqualTo(32.0 / 3);
  }

  @Test
  void layersAndExclusionsNarrowTheTargets() {
    AdapterConfig layers = patterns(Map.of(), Map.of(), List.of(1, 12), List.of());
    assertThat(layers.adapts(Q)).isTrue();
    assertThat(layers.adapts(Q.replace('1', '2'))).isFalse();
    assertThat(layers.adapts("model.layers.12.mlp.experts.1.up_proj")).isTrue();
    assertThat(layers.adapts("score.up_proj")).isFalse();
    AdapterConfig excluded = patterns(Map.of(), Map.of(), List.of(), List.of("regex:.*1.*q_proj"));
    assertThat(excluded.adapts(Q)).isFalse();
    assertThat(excluded.adapts(Q.replace('1', '2'))).isTrue();
  }

  @Test
  void layersCountBehindTheirPattern() {
    AdapterPatterns blocks =
        new AdapterPatterns(Map.of(), Map.of(), List.of(1), List.of("h", "blocks"), List.of());
    AdapterConfig config = new AdapterConfig(1, 1, List.of("q"), List.of(), false, blocks, 0);
    assertThat(config.adapts("model.3.blocks.1.q")).isTrue();
    assertThat(config.adapts("h.1.q")).isTrue();
    assertThat(config.adapts("model.layers.1.q")).isFalse();
    AdapterConfig named =
        new AdapterConfig(1, 1, List.of("model.layers.7.q"), List.of(), false, blocks, 0);
    assertThat(named.adapts("model.layers.7.q")).isTrue();
  }

  @Test
  void expressionsMatchWholeNames() {
    AdapterConfig config =
        new AdapterConfig(1, 1, List.of("regex:.*\\.1\\..*_proj"), List.of(), false);
    assertThat(config.adapts(Q)).isTrue();
    assertThat(config.adapts(Q + ".more")).isFalse();
    assertThat(config.adapts(Q.replace('1', '2'))).isFalse();
  }

  @Test
  void partsOfSavedModulesAreSaved() {
    AdapterConfig config =
        new AdapterConfig(1, 1, List.of("all-linear"), List.of("1.self_attn"), false);
    assertThat(config.saves(Q)).isTrue();
    assertThat(config.adapts(Q)).isFalse();
    assertThat(config.adapts(Q.replace('1', '2'))).isTrue();
  }

  @Test
  void expressionsThatRunAwayAreStopped() {
    AdapterConfig config =
        new AdapterConfig(1, 1, List.of("regex:(([a-z.0-9_]+)+)*!"), List.of(), false);
    assertThatThrownBy(() -> config.adapts(Q.repeat(3)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "Cannot match regular expression: (([a-z.0-9_]+)+)*! (it takes too long; write it"
                + " without nested repetitions)");
  }

  @Test
  void namesThatExhaustTheStackAreRefused() {
    AdapterConfig config = new AdapterConfig(1, 1, List.of("regex:(x|y)*"), List.of(), false);
    assertThat(config.adapts("xy".repeat(100))).isTrue();
    assertThatThrownBy(() -> config.adapts("x".repeat(200_000)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("Cannot match regular expression: (x|y)* (it takes too long;");
  }

  private static AdapterConfig patterns(
      Map<String, Integer> ranks,
      Map<String, Double> alphas,
      List<Integer> layers,
      List<String> excluded) {
    AdapterPatterns patterns = new AdapterPatterns(ranks, alphas, layers, List.of(), excluded);
    List<String> targets = List.of("q_proj", "up_proj");
    return new AdapterConfig(16, 32, targets, List.of(), false, patterns, 0);
  }

  @Test
  void methodsAndInitialisationsAreReadByTheirNames() {
    assertThat(Method.parse("lora-fa")).isEqualTo(Method.LORA_FA);
    assertThat(Method.parse("lora")).isEqualTo(Method.LORA);
    assertThat(Method.parse("full")).isEqualTo(Method.FULL);
    assertThat(List.of(Method.values())).filteredOn(Method::adapts).doesNotContain(Method.FULL);
    for (InitA init : InitA.values()) {
      assertThat(InitA.parse(init.text())).isEqualTo(init);
    }
  }

  @Test
  void unknownNamesAreRefusedWithTheKnownOnes() {
    assertThatThrownBy(() -> Method.parse("LORA-FA"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Cannot use method: LORA-FA (use lora-fa, lora or full)");
    assertThatThrownBy(() -> InitA.parse("xavier"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Cannot initialise A: xavier (use kaiming, normal or orthonormal)");
  }
}
