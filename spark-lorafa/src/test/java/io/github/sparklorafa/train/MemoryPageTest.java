package io.github.sparklorafa.train;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.sparklorafa.lora.Method;
import io.github.sparklorafa.model.LlamaConfig;
import io.github.sparklorafa.model.ModelConfig;
import io.github.sparklorafa.model.Objective;
import io.github.sparklorafa.model.RobertaConfig;
import io.github.sparklorafa.model.RobertaFamily;
import io.github.sparklorafa.model.T5Config;
import io.github.sparklorafa.nn.Gelu;
import io.github.sparklorafa.nn.Recompute;
import io.github.sparklorafa.tensor.DType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.IntFunction;
import org.junit.jupiter.api.Test;

/**
 * The tables of docs/memory.md say what the plan says, which other tests hold to what a step keeps.
 * A failure prints the lines to write.
 */
class MemoryPageTest {
  private static final Path PAGE = Path.of("../docs/memory.md");
  private static final int RANK = 16;

  /** A way to train, as the first column says it. */
  private record Way(String name, Method method, Recompute recompute) {}

  private static final List<Way> WAYS =
      List.of(
          new Way("`full`", Method.FULL, Recompute.NONE),
          new Way("`full`, elementwise", Method.FULL, Recompute.ELEMENTWISE),
          new Way("`lora`", Method.LORA, Recompute.NONE),
          new Way("`lora`, elementwise", Method.LORA, Recompute.ELEMENTWISE),
          new Way("`lora-fa`", Method.LORA_FA, Recompute.NONE),
          new Way("`lora`, mlp", Method.LORA, Recompute.MLP),
          new Way("`lora-fa`, mlp", Method.LORA_FA, Recompute.MLP),
          new Way("`lora`, layer", Method.LORA, Recompute.LAYER),
          new Way("`lora-fa`, layer", Method.LORA_FA, Recompute.LAYER));

  @Test
  void thePageSaysWhatThePlanSays() throws IOException {
    List<String> missing = new ArrayList<>();
    List<String> page = Files.readAllLines(PAGE);
    for (String line : lines()) {
      if (!page.contains(line)) {
        missing.add(line);
      }
    }
    assertThat(missing).as("write into docs/memory.md:%n%s", String.join("\n", missing)).isEmpty();
  }

  private static List<String> lines() {
    List<String> lines = new ArrayList<>();
    add(lines, "LLaMA-7B", 32, layers -> llama(layers, 11_008, 32, 32_000));
    add(lines, "Llama-3-8B", 32, layers -> llama(layers, 14_336, 8, 128_256));
    add(lines, "RoBERTa-large", 24, MemoryPageTest::roberta);
    add(lines, "T5-large", 24, MemoryPageTest::t5);
    return lines;
  }

  private static void add(
      List<String> lines, String name, int layers, IntFunction<ModelConfig> model) {
    ModelConfig all = model.apply(layers);
    for (Way way : WAYS) {
      long kept = plan(way, all).bytesPerToken();
      // Between two depths, so that what lies outside the layers does not count.
      long layer = kept - plan(way, model.apply(layers - 1)).bytesPerToken();
      Numbers numbers = Numbers.of(config(way), all);
      lines.add(
          String.format(
              Locale.ROOT,
              "| %s | %s | %,d | %,.2f | %,.1f | %,.1f |",
              name,
              way.name(),
              layer,
              kept / 1e6,
              numbers.trained() / 1e6,
              numbers.trained() * 12 / 1e6));
    }
  }

  private static TapePlan plan(Way way, ModelConfig model) {
    return TapePlan.of(config(way), model);
  }

  private static TrainConfig config(Way way) {
    return TrainConfig.builder()
        .model("m")
        .data("d")
        .output("o")
        .method(way.method())
        .recompute(way.recompute())
        .rank(RANK)
        .dtype(DType.BF16)
        .build();
  }

  private static LlamaConfig llama(int layers, int intermediate, int keyValueHeads, int vocab) {
    return new LlamaConfig(
        vocab, 4096, intermediate, layers, 32, keyValueHeads, 128, 1e-5, 1e4, false, 8192);
  }

  private static RobertaConfig roberta(int layers) {
    Objective.Classification two = new Objective.Classification(2, Objective.Kind.SINGLE_LABEL);
    return new RobertaConfig(
        RobertaFamily.ROBERTA,
        50_265,
        1024,
        4096,
        layers,
        16,
        514,
        1,
        1e-5,
        1,
        Gelu.Form.ERF,
        true,
        two,
        two);
  }

  /** As many layers in the encoder as in the decoder. */
  private static T5Config t5(int layers) {
    return new T5Config(
        32_128,
        1024,
        64,
        4096,
        layers,
        layers,
        16,
        32,
        128,
        1e-6,
        T5Config.FeedForward.RELU,
        true,
        true,
        0,
        0);
  }
}
