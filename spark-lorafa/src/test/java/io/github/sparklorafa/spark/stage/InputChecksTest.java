package io.github.sparklorafa.spark.stage;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.sparklorafa.ObjectStore;
import io.github.sparklorafa.data.RowSource;
import io.github.sparklorafa.model.ModelConfig;
import io.github.sparklorafa.train.Problems;
import io.github.sparklorafa.train.TrainConfig;
import io.github.sparklorafa.train.TrainConfigBuilder;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InputChecksTest {
  @TempDir Path folder;

  @BeforeEach
  void store() throws IOException, URISyntaxException {
    copy("llama-gqa", "base");
    copy("tokenizer", "base");
    copy("adapter-down", "adapter");
  }

  private void copy(String source, String name) throws IOException, URISyntaxException {
    Path from = Path.of(InputChecksTest.class.getResource("/reference/" + source).toURI());
    Path to = Files.createDirectories(folder.resolve(name));
    try (Stream<Path> files = Files.list(from)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Files.copy(file, to.resolve(file.getFileName().toString()));
      }
    }
  }

  private List<String> problems(TrainConfigBuilder config) {
    return problems(config, RowSource.TEXT_ALONE);
  }

  private List<String> problems(TrainConfigBuilder config, RowSource rows) {
    Problems problems = new Problems();
    ModelConfig shape =
        InputChecks.check(
            config.data("d").output("o").build(),
            Optional.of(rows),
            ObjectStore.over(folder),
            problems);
    assertThat(shape == null).isEqualTo(problems.found().toString().contains("header"));
    return problems.found();
  }

  private static TrainConfigBuilder remote() {
    return TrainConfig.builder().model("store://bucket/base");
  }

  @Test
  void aTokenizerOfAnotherModelIsRefusedOnTheDriver() {
    for (String base : List.of("store://bucket/base", folder.resolve("base").toString())) {
      assertThat(problems(TrainConfig.builder().model(base)))
          .containsExactly(
              ("Cannot use the tokenizer: %s/tokenizer.json has ids up to 419, but the model's last"
                      + " embedding is 96 (give the tokenizer that belongs to the model, or enlarge"
                      + " the model in Python with resize_token_embeddings)")
                  .formatted(base));
    }
  }

  @Test
  void aChatTemplateThatWritesNothingIsRefusedOnTheDriver() throws IOException {
    int vocabulary = 420;
    Path config = folder.resolve("base/config.json");
    Files.writeString(
        config,
        Files.readString(config)
            .replaceFirst("\"vocab_size\": \\d+", "\"vocab_size\": " + vocabulary));
    Files.writeString(
        folder.resolve("base/chat_template.jinja"), "{{ raise_exception('Tools are needed') }}");

    assertThat(problems(remote(), RowSource.CHAT))
        .anySatisfy(
            problem ->
                assertThat(problem)
                    .isEqualTo(
                        "Cannot write conversations: the chat template in store://bucket/base fails"
                            + " on all that were tried: Tools are needed (use another in"
                            + " chat_template.jinja, or make prompt and completion columns in"
                            + " Python)"));
    assertThat(problems(remote(), RowSource.PROMPT_AND_COMPLETION))
        .noneMatch(problem -> problem.contains("conversations"));
  }

  @Test
  void truncatedWeightsAreRefusedOnTheDriver() throws IOException {
    Path weights = folder.resolve("base/model.safetensors");
    byte[] whole = Files.readAllBytes(weights);
    Files.write(weights, Arrays.copyOf(whole, 100));

    assertThat(problems(remote()))
        .singleElement()
        .asString()
        .startsWith(
            "Cannot read safetensors file: store://bucket/base/model.safetensors (download or write"
                + " the file again): the header's length of ");
  }

  @Test
  void anAdapterThatDoesNotFitIsRefusedOnTheDriver() {
    TrainConfigBuilder config =
        remote()
            .initAdapter("store://bucket/adapter")
            .rank(8)
            .targetModules(List.of("1.self_attn.v_proj", "layers.2.mlp.down_proj"));

    assertThat(problems(config).get(1))
        .startsWith("Cannot use adapter: store://bucket/adapter (")
        .contains("v_proj.lora_A.weight has shape [4, 32] instead of [8, 32]")
        .contains("4 problems");
  }
}
