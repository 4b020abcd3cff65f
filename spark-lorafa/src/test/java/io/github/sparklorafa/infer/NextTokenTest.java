package io.github.sparklorafa.infer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.BitSet;
import java.util.List;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class NextTokenTest {
  static List<JsonNode> transformers() {
    return GenerationReference.logits();
  }

  @ParameterizedTest
  @MethodSource("transformers")
  void processesLogitsAsTransformersDoes(JsonNode expected) {
    float[] logits = floats(expected.get("logits"));
    BitSet seen = new BitSet();
    IntStream.of(GenerationReference.ints(expected.get("seen"))).forEach(seen::set);
    NextToken next =
        new NextToken(
            config(
                expected.get("temperature").asDouble(),
                expected.get("top_k").asInt(),
                expected.get("top_p").asDouble(),
                expected.get("repetition_penalty").asDouble()));

    next.process(logits, seen);

    for (int id = 0; id < logits.length; id++) {
      JsonNode score = expected.get("processed").get(id);
      if (score.isNull()) {
        assertThat(logits[id]).as("id %d", id).isEqualTo(Float.NEGATIVE_INFINITY);
      } else {
        assertThat(logits[id]).as("id %d", id).isCloseTo((float) score.asDouble(), within(1e-5f));
      }
    }
  }

  @Test
  void temperatureZeroTakesTheLikeliest() {
    float[] logits = {0.1f, 3, -1, 3};
    assertThat(new NextToken(GenerationConfig.greedy(1)).choose(logits, new BitSet(), null))
        .isEqualTo(1);
  }

  @Test
  void drawsEachTokenAsOftenAsItsProbabilitySays() {
    float[] logits = {0, (float) Math.log(2), Float.NEGATIVE_INFINITY, (float) Math.log(5)};
    NextToken next = new NextToken(config(1, 0, 1, 1));
    RandomGenerator random = new SplittableRandom(3);
    int[] drawn = new int[4];
    for (int i = 0; i < 80_000; i++) {
      drawn[next.choose(logits.clone(), new BitSet(), random)]++;
    }
    assertThat(drawn[0]).isCloseTo(10_000, within(400));
    assertThat(drawn[1]).isCloseTo(20_000, within(500));
    assertThat(drawn[2]).isZero();
    assertThat(drawn[3]).isCloseTo(50_000, within(600));
  }

  private static GenerationConfig config(
      double temperature, int topK, double topP, double repetitionPenalty) {
    return new GenerationConfig(8, temperature, topK, topP, repetitionPenalty, List.of(), 0);
  }

  private static float[] floats(JsonNode array) {
    float[] values = new float[array.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) array.get(i).asDouble();
    }
    return values;
  }
}
