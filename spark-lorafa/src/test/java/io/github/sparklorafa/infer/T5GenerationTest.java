package io.github.sparklorafa.infer;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.sparklorafa.InScope;
import io.github.sparklorafa.checkpoint.AdaptedModel;
import io.github.sparklorafa.data.LabelKind;
import io.github.sparklorafa.data.Prompts;
import io.github.sparklorafa.data.TextTokenizer;
import io.github.sparklorafa.infer.BeamSearch.EarlyStopping;
import io.github.sparklorafa.infer.Completions.Completed;
import io.github.sparklorafa.infer.Completions.Prompt;
import io.github.sparklorafa.infer.Completions.Source;
import io.github.sparklorafa.model.AutoregressiveModel;
import io.github.sparklorafa.tensor.DType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bytedeco.javacpp.Pointer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Texts of T5 against those that transformers wrote; see make_t5.py. */
@ExtendWith(InScope.class)
class T5GenerationTest {
  private static final int VOCABULARY = 97;

  @TempDir Path temporary;

  private record Text(int[] prompt, List<Integer> ends, GenerationConfig config, int[] written) {}

  private static JsonNode json() throws IOException {
    return new ObjectMapper().readTree(GenerationReference.file("t5-generation.json").toFile());
  }

  private static List<Text> texts(String model) throws IOException {
    List<Text> texts = new ArrayList<>();
    int maxNewTokens = json().get("max_new_tokens").asInt();
    for (JsonNode text : json().get("texts")) {
      if (text.get("model").asText().equals(model)) {
        BeamSearch search =
            text.get("num_beams").asInt() == 1
                ? BeamSearch.OFF
                : new BeamSearch(
                    text.get("num_beams").asInt(),
                    text.get("length_penalty").asDouble(),
                    EarlyStopping.parse(text.get("early_stopping").asText()));
        double penalty = text.path("repetition_penalty").asDouble(1);
        texts.add(
            new Text(
                GenerationReference.ints(text.get("prompt")),
                Arrays.stream(GenerationReference.ints(text.get("ends"))).boxed().toList(),
                new GenerationConfig(maxNewTokens, 0, 0, 1, penalty, List.of(), 0).with(search),
                GenerationReference.ints(text.get("written"))));
      }
    }
    return texts;
  }

  /** The tiny T5 beside a tokenizer, with those ids that end a text. */
  private Path layOut(String model, List<Integer> ends) throws IOException {
    Path folder = temporary.resolve(model + ends);
    if (!Files.exists(folder)) {
      Files.createDirectories(folder);
      for (String name : List.of("config.json", "model.safetensors")) {
        Files.copy(GenerationReference.file(model).resolve(name), folder.resolve(name));
      }
      Files.copy(
          GenerationReference.file("tokenizer/tokenizer.json"), folder.resolve("tokenizer.json"));
      Files.writeString(
          folder.resolve("generation_config.json"), "{\"eos_token_id\": " + ends + "}");
    }
    return folder;
  }

  @ParameterizedTest
  @ValueSource(strings = {"t5-relu", "t5-gated"})
  void writesWhatTransformersWrites(String model) throws IOException {
    List<Text> texts = texts(model);
    assertThat(texts).hasSizeGreaterThan(100);
    int searches = 0;
    for (Text text : texts) {
      Path folder = layOut(model, text.ends());
      try (AdaptedModel adapted = AdaptedModel.open(folder, Optional.empty(), DType.FP32);
          TextTokenizer tokenizer = TextTokenizer.open(folder)) {
        assertThat(tokenizer.stops()).containsExactlyElementsOf(text.ends());
        Generator generator = new Generator((AutoregressiveModel) adapted.model(), tokenizer);
        assertThat(generator.complete(text.prompt(), text.config()))
            .as("%s, ends %s", text.config(), text.ends())
            .containsExactly(text.written());
      }
      searches += text.config().beamSearch().isOn() ? 1 : 0;
    }
    assertThat(searches).isGreaterThan(80);
  }

  /** Greedy and by beams, in batches of any size: each text is what it is alone. */
  @Test
  void manyPromptsTogetherGiveTheSameTexts() throws IOException {
    Path folder = layOut("t5-gated", List.of(1, 2, 16, 40, 61, 80));
    try (AdaptedModel adapted = AdaptedModel.open(folder, Optional.empty(), DType.FP32);
        TextTokenizer tokenizer = TextTokenizer.open(folder)) {
      List<String> prompts = List.of("\"", "'Y9U", "JQXZ", "!", "8[]8", "Z", "#Q7", "'Y9U");
      Source source =
          new Source(
              (AutoregressiveModel) adapted.model(), tokenizer, VOCABULARY, Integer.MAX_VALUE);
      for (BeamSearch search :
          List.of(BeamSearch.OFF, new BeamSearch(3, 1.2, EarlyStopping.NEVER))) {
        GenerationConfig config = GenerationConfig.greedy(12).with(search);
        Map<String, Completion> alone = new LinkedHashMap<>();
        for (String prompt : prompts) {
          alone.put(prompt, complete(source, config, 1, List.of(prompt)).get(0));
        }
        assertThat(alone.values()).extracting(Completion::tokens).contains(12);
        assertThat(alone.values())
            .extracting(Completion::finishReason)
            .contains(FinishReason.EOS, FinishReason.LENGTH);
        for (int batchSize : new int[] {2, 3, 20}) {
          assertThat(complete(source, config, batchSize, prompts))
              .isEqualTo(prompts.stream().map(alone::get).toList());
        }
      }
    }
  }

  private static List<Completion> complete(
      Source source, GenerationConfig config, int batchSize, List<String> prompts) {
    List<Completion> texts = new ArrayList<>();
    try (Completions<String> all =
        new Completions<>(
            source,
            config,
            batchSize,
            prompts.iterator(),
            p -> new Prompt(Prompts.of(LabelKind.WRITTEN).fromText(source.tokenizer(), p), 0))) {
      while (all.hasNext()) {
        Completed<String> next = all.next();
        assertThat(next.input()).isEqualTo(prompts.get(texts.size()));
        texts.add(next.completion());
      }
    }
    return texts;
  }

  @Test
  void leavesNothingBehind() throws IOException {
    Path folder = layOut("t5-relu", List.of(1, 2));
    try (AdaptedModel adapted = AdaptedModel.open(folder, Optional.empty(), DType.FP32);
        TextTokenizer tokenizer = TextTokenizer.open(folder)) {
      Generator generator = new Generator((AutoregressiveModel) adapted.model(), tokenizer);
      BeamSearch search = new BeamSearch(4, 1, EarlyStopping.FALSE);
      GenerationConfig config = GenerationConfig.greedy(9).with(search);
      generator.complete(new int[] {5, 6, 1}, config);
      long before = Pointer.totalCount();
      for (int i = 0; i < 5; i++) {
        generator.complete(new int[] {5, 6, 1}, config);
        generator.complete(new int[] {5, 6, 1}, GenerationConfig.greedy(9));
      }
      assertThat(Pointer.totalCount()).isEqualTo(before);
    }
  }
}
