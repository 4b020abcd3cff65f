package io.github.sparklorafa.lora;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class AdapterConfigTest {
  @Test
  void scaleIsAlphaOverRankOrOverItsRoot() {
    assertThat(config(false).scale()).isEqualTo(2);
    assertThat(config(true).scale()).isEqualTo(8);
  }

  private static AdapterConfig config(boolean rsLora) {
    return new AdapterConfig(16, 32, List.of(TargetModules.ALL_LINEAR), List.of(), rsLora);
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
