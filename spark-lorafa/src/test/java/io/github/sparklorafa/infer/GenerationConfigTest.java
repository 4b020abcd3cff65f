package io.github.sparklorafa.infer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class GenerationConfigTest {
  @Test
  void reportsAllProblemsAtOnce() {
    assertThatThrownBy(() -> new GenerationConfig(0, -1, -2, 1.5, 0, List.of(""), 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            """
            Cannot use max new tokens: 0 (use 1 or more)
            Cannot use temperature: -1.0 (use 0 for the likeliest token, or a number above it)
            Cannot use top-k: -2 (use 1 or more, or 0 for all tokens)
            Cannot use top-p: 1.5 (use a number above 0 up to 1)
            Cannot use repetition penalty: 0.0 (use a number above 0; 1 is none)
            Cannot use stop string: "" (leave it out, or name a text)""");
  }

  @Test
  void greedyDrawsNothing() {
    assertThat(GenerationConfig.greedy(3))
        .isEqualTo(new GenerationConfig(3, 0, 0, 1, 1, List.of(), 0))
        .matches(GenerationConfig::isGreedy);
  }
}
