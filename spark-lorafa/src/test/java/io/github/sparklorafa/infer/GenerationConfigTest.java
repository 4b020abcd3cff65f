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
  void aSearchGoesWithNeitherDrawingNorStopStrings() {
    BeamSearch search = new BeamSearch(3, Double.NaN, BeamSearch.EarlyStopping.TRUE);
    assertThatThrownBy(() -> new GenerationConfig(4, 0.5, 0, 1, 1, List.of("x"), 0).with(search))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            """
            Cannot use length penalty: NaN (use a number; 1 divides by the length)
            Cannot use beams: 3 (leave the temperature at 0, or use 1 beam)
            Cannot use beams: 3 (leave out the stop strings, or use 1 beam)""");
    BeamSearch none = new BeamSearch(0, 1, BeamSearch.EarlyStopping.FALSE);
    assertThatThrownBy(() -> GenerationConfig.greedy(4).with(none))
        .hasMessage("Cannot use number of beams: 0 (use 1 for no search, or up to 256)");
    assertThatThrownBy(() -> BeamSearch.EarlyStopping.parse("maybe"))
        .hasMessage("Cannot use early stopping: maybe (use true, false or never)");
  }

  @Test
  void greedyDrawsNothing() {
    assertThat(GenerationConfig.greedy(3))
        .isEqualTo(new GenerationConfig(3, 0, 0, 1, 1, List.of(), 0))
        .matches(GenerationConfig::isGreedy);
  }
}
