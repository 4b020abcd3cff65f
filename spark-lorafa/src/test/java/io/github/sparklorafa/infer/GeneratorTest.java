package io.github.sparklorafa.infer;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.sparklorafa.InScope;
import io.github.sparklorafa.checkpoint.AdaptedModel;
import io.github.sparklorafa.data.TextTokenizer;
import io.github.sparklorafa.model.CausalModel;
import io.github.sparklorafa.nn.Sequences;
import io.github.sparklorafa.tensor.DType;
import io.github.sparklorafa.tensor.Scope;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import org.bytedeco.javacpp.Pointer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(InScope.class)
class GeneratorTest {
  private static final int[] PROMPT = {1, 10, 60, 28, 56};
  private static final int NEW_TOKENS = 40;

  @TempDir Path base;

  /** The tiny LLaMA beside a tokenizer. */
  @BeforeEach
  void layOut() throws IOException {
    GenerationReference.layOut(base);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "adapter-nonzero", "adapter-head"})
  void theCacheChangesNoToken(String adapter) {
    Optional<Path> folder = adapter.isEmpty() ? Optional.empty() : Optional.of(reference(adapter));
    int[] expected = withoutCache(folder);
    try (Opened opened = new Opened(base, folder, DType.FP32)) {
      assertThat(opened.generator.complete(PROMPT, NEW_TOKENS)).containsExactly(expected);
    }
  }

  /** The likeliest token after the whole text so far, each time anew; id 2 ends the text. */
  private int[] withoutCache(Optional<Path> adapter) {
    int[] ids = PROMPT;
    try (Scope scope = new Scope();
        AdaptedModel adapted = AdaptedModel.open(base, adapter, DType.FP32)) {
      CausalModel model = adapted.causal();
      while (ids.length < PROMPT.length + NEW_TOKENS) {
        int next = likeliest(model, ids);
        if (next == 2) {
          break;
        }
        ids = Arrays.copyOf(ids, ids.length + 1);
        ids[ids.length - 1] = next;
      }
    }
    return Arrays.copyOfRange(ids, PROMPT.length, ids.length);
  }

  private static int likeliest(CausalModel model, int[] ids) {
    try (Scope scope = new Scope()) {
      return (int)
          model
              .logits(ids, new Sequences(0, ids.length))
              .select(0, ids.length - 1)
              .argmax()
              .item_long();
    }
  }

  @Test
  void searchesByBeamsAsTransformersDoes() {
    try (Opened opened = new Opened(base, Optional.empty(), DType.FP32)) {
      assertThat(GenerationReference.searched()).hasSize(16);
      for (GenerationReference.Searched the : GenerationReference.searched()) {
        GenerationConfig config = GenerationConfig.greedy(30).with(the.search());
        assertThat(opened.generator.complete(the.prompt(), config))
            .as("%s", the.search())
            .containsExactly(the.written());
      }
    }
  }

  @Test
  void generationLeavesNothingBehind() {
    try (Opened opened = new Opened(base, Optional.of(reference("adapter-nonzero")), DType.BF16)) {
      opened.generator.complete(PROMPT, NEW_TOKENS);
      long before = Pointer.totalCount();
      for (int i = 0; i < 5; i++) {
        opened.generator.complete(PROMPT, NEW_TOKENS);
      }
      assertThat(Pointer.totalCount()).isEqualTo(before);
    }
  }

  @Test
  void openingAndClosingLeavesNothingBehind() {
    Optional<Path> adapter = Optional.of(reference("adapter-nonzero"));
    new Opened(base, adapter, DType.FP32).close();
    long before = Pointer.totalCount();
    new Opened(base, adapter, DType.FP32).close();
    assertThat(Pointer.totalCount()).isEqualTo(before);
  }

  @Test
  void textIsContinuedByText() {
    try (Opened opened = new Opened(base, Optional.empty(), DType.FP32);
        TextTokenizer tokenizer = TextTokenizer.open(base)) {
      int[] ids = opened.generator.complete(tokenizer.encodePrompt("!"), 7);
      assertThat(opened.generator.complete("!", 7)).isEqualTo(tokenizer.decode(ids));
    }
  }

  private static final class Opened implements AutoCloseable {
    private final AdaptedModel adapted;
    private final TextTokenizer tokenizer;
    private final Generator generator;

    Opened(Path base, Optional<Path> adapter, DType dtype) {
      adapted = AdaptedModel.open(base, adapter, dtype);
      tokenizer = TextTokenizer.open(base);
      generator = new Generator(adapted.causal(), tokenizer);
    }

    @Override
    public void close() {
      tokenizer.close();
      adapted.close();
    }
  }

  private static Path reference(String path) {
    return GenerationReference.file(path);
  }
}
