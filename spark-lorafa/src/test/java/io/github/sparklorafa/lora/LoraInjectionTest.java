package io.github.sparklorafa.lora;

import static io.github.sparklorafa.TensorAssert.assertBitEqual;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.sparklorafa.InScope;
import io.github.sparklorafa.Tensors;
import io.github.sparklorafa.nn.Linear;
import io.github.sparklorafa.nn.Projection;
import io.github.sparklorafa.tensor.DType;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

@ExtendWith(InScope.class)
class LoraInjectionTest {
  private static final String Q = "model.layers.1.self_attn.q_proj";
  private static final String UP = "model.layers.1.mlp.up_proj";

  /** The rules of PEFT's {@code check_target_module_exists} for a list of names. */
  @ParameterizedTest
  @CsvSource({
    "q_proj, true",
    "self_attn.q_proj, true",
    "1.self_attn.q_proj, true",
    "model.layers.1.self_attn.q_proj, true",
    "all-linear, true",
    "proj, false",
    "_proj, false",
    "layers.0.self_attn.q_proj, false",
    "11.self_attn.q_proj, false",
    "self_attn, false",
    ".*q_proj, false",
    "Q_PROJ, false"
  })
  void matchesNamesAsPeftDoes(String entry, boolean expected) {
    assertThat(TargetModules.matches(entry, Q)).isEqualTo(expected);
    assertThat(TargetModules.matches(List.of("nothing", entry), Q)).isEqualTo(expected);
  }

  @Test
  void replacesOnlyWhatIsMeant() {
    Linear linear = linear();
    LoraInjection injection = injection(Method.LORA_FA, DType.FP32, Map.of(), "q_proj");
    assertThat(injection.adapt(UP, linear)).isSameAs(linear);
    assertThat(injection.adapt(Q, linear)).isInstanceOf(LoraFaLinear.class);
    assertThat(injection.modules()).extracting(LoraModule::name).containsExactly(Q);
  }

  @ParameterizedTest
  @EnumSource
  void newAdaptersTrainFp32AndFreezeInTheRunsDtype(DType dtype) {
    LoraModule fa = inject(Method.LORA_FA, dtype, Map.of());
    assertThat(fa.a().name()).isEqualTo(Q + ".lora_A.weight");
    assertThat(fa.b().name()).isEqualTo(Q + ".lora_B.weight");
    assertThat(fa.a().trainable()).isFalse();
    assertThat(fa.a().value().scalar_type().intern()).isEqualTo(dtype.scalarType());
    assertThat(fa.a().value().shape()).containsExactly(2, 5);
    assertThat(fa.b().trainable()).isTrue();
    assertThat(fa.b().value().scalar_type().intern()).isEqualTo(ScalarType.Float);
    assertThat(fa.b().value().shape()).containsExactly(3, 2);
    assertThat(fa.b().value().abs().sum().item_double()).isZero();
    assertThat(fa.scale()).isEqualTo(4);

    LoraModule lora = inject(Method.LORA, dtype, Map.of());
    assertThat(lora.a().trainable()).isTrue();
    assertThat(lora.a().value().scalar_type().intern()).isEqualTo(ScalarType.Float);
    assertBitEqual("A", lora.a().value().to(dtype.scalarType()), fa.a().value());
  }

  @ParameterizedTest
  @EnumSource(value = Method.class, mode = EnumSource.Mode.EXCLUDE, names = "FULL")
  void givenAdaptersAreCopied(Method method) {
    Tensor a = Tensors.random(DType.FP32, 2, 5);
    Tensor b = Tensors.random(DType.FP32, 3, 2);
    LoraModule module =
        inject(method, DType.FP32, Map.of(Q + ".lora_A.weight", a, Q + ".lora_B.weight", b));
    assertBitEqual("A", module.a().value(), a);
    assertBitEqual("B", module.b().value(), b);
    module.a().value().zero_();
    module.b().value().zero_();
    assertThat(Stream.of(a, b)).allMatch(tensor -> tensor.abs().sum().item_double() > 0);
  }

  @Test
  void targetsThatMeetNothingAreNamedTogether() {
    LoraInjection injection = injection(Method.LORA, DType.FP32, Map.of(), "q_proj", "query", "w1");
    injection.adapt(Q, linear());
    injection.adapt(UP, linear());
    assertThatThrownBy(injection::modules)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "Cannot adapt target modules: [query, w1] (the model's linear layers are [q_proj, up_proj])");
  }

  @Test
  void fullFineTuningHasNoAdapter() {
    assertThatThrownBy(() -> injection(Method.FULL, DType.FP32, Map.of(), "q_proj"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("method full");
  }

  private static LoraModule inject(Method method, DType dtype, Map<String, Tensor> initial) {
    LoraInjection injection = injection(method, dtype, initial, "q_proj");
    Projection projection = injection.adapt(Q, linear());
    assertThat(projection)
        .isInstanceOf(method == Method.LORA ? LoraLinear.class : LoraFaLinear.class);
    return injection.modules().get(0);
  }

  private static LoraInjection injection(
      Method method, DType dtype, Map<String, Tensor> initial, String... targets) {
    AdapterConfig config = new AdapterConfig(2, 8, List.of(targets), List.of(), false);
    return new LoraInjection(config, method, dtype, InitA.KAIMING, 5, initial);
  }

  private static Linear linear() {
    return new Linear(Tensors.frozen(Tensors.random(DType.FP32, 3, 5)), null);
  }
}
