package io.github.sparklorafa.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InspectCommandTest {
  @TempDir Path folder;

  private record Run(int code, String out, String err) {}

  private static Run inspect(String... words) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    String[] all = new String[words.length + 1];
    all[0] = "inspect";
    System.arraycopy(words, 0, all, 1, words.length);
    int code =
        Main.commandLine().setOut(new PrintWriter(out)).setErr(new PrintWriter(err)).execute(all);
    return new Run(code, out.toString(), err.toString());
  }

  private static String reference(String name) throws URISyntaxException {
    return Path.of(InspectCommandTest.class.getResource("/reference/" + name).toURI()).toString();
  }

  private static JsonNode json(String name) throws IOException, URISyntaxException {
    return new ObjectMapper().readTree(inspect(reference(name), "--json").out());
  }

  @Test
  void countsACheckpoint() throws IOException, URISyntaxException {
    JsonNode json = json("llama-gqa");
    assertThat(json.get("kind").textValue()).isEqualTo("checkpoint");
    assertThat(json.get("model_type").textValue()).isEqualTo("llama");
    assertThat(json.get("numbers").longValue()).isEqualTo(34_080);
    assertThat(json.get("bytes").longValue()).isEqualTo(4 * 34_080);
    assertThat(json.get("problems")).isEmpty();
    assertThat(json.get("tensors").findValuesAsText("name"))
        .contains("model.layers.*.self_attn.q_proj.weight", "lm_head.weight");
    assertThat(json("llama-tied").get("files")).hasSizeGreaterThan(1);
    assertThat(inspect(reference("llama-gqa")).out())
        .contains("model.layers.*.mlp.up_proj.weight")
        .contains("[48, 32]");
  }

  /** Layers of 48 + 2 x 24 + 32 outputs in the attention, 2 x 48 + 32 in the MLP. */
  @Test
  void tellsWhatEachMethodWouldTrain() throws IOException, URISyntaxException {
    JsonNode json = json("llama-gqa");
    long b = 3 * 16 * (48 + 2 * 24 + 32 + 2 * 48 + 32);
    long a = 3 * 16 * (3 * 32 + 48 + 2 * 32 + 48);
    assertThat(json.get("linear_layers").intValue()).isEqualTo(3 * 7);
    assertThat(json.get("usual_rank").intValue()).isEqualTo(16);
    assertThat(json.get("trained_by_lora_fa").longValue()).isEqualTo(b);
    assertThat(json.get("trained_by_lora").longValue()).isEqualTo(a + b);
    assertThat(json.get("trained_by_full").longValue()).isEqualTo(34_080);
    Run run = inspect(reference("llama-gqa"));
    assertThat(run.code()).isEqualTo(Main.OK);
    assertThat(run.out()).containsPattern("trained by lora fa +12,288\n");
  }

  @Test
  void tellsWhatAnAdapterTrains() throws IOException, URISyntaxException {
    JsonNode json = json("adapter-zero");
    assertThat(json.get("kind").textValue()).isEqualTo("adapter");
    assertThat(json.get("rank").intValue()).isEqualTo(4);
    assertThat(json.get("scale").textValue()).isEqualTo("[2.0]");
    assertThat(json.get("trained_by_lora_fa").longValue())
        .isEqualTo(3 * 4 * (48 + 2 * 24 + 32 + 2 * 48 + 32));
    assertThat(json.get("trained_by_lora").longValue()).isEqualTo(json.get("numbers").longValue());
    assertThat(json("adapter-patterns").get("rank_pattern").textValue()).contains("v_proj=2");
    assertThat(inspect(reference("adapter-head")).out()).contains("lm_head.weight");
  }

  @Test
  void saysWhyAFolderCannotBeUsed() throws IOException {
    assertThat(inspect(folder.toString()).err())
        .isEqualTo(
            "Cannot inspect: %s (give a folder that holds config.json or adapter_config.json)%n"
                .formatted(folder));
    Files.writeString(folder.resolve("config.json"), "{\"model_type\": \"gpt2\"}");
    Run run = inspect(folder.toString());
    assertThat(run.code()).isEqualTo(Main.BAD_INPUT);
    assertThat(run.out()).contains("gpt2").contains("spark-lorafa cannot use it: Cannot ");
    Files.writeString(folder.resolve("model.safetensors"), "short");
    Run broken = inspect(folder.toString());
    assertThat(broken.code()).isEqualTo(Main.BAD_INPUT);
    assertThat(broken.err()).contains("Cannot read safetensors file: ");
  }

  @Test
  void looksAtTensorsAsTrainingWould() throws IOException, URISyntaxException {
    assertThat(json("t5-gated").get("problems")).isEmpty();
    assertThat(json("adapter-t5-gated").get("problems")).isEmpty();
    copy("llama-gqa");
    Files.writeString(
        folder.resolve("config.json"),
        Files.readString(folder.resolve("config.json"))
            .replace("\"vocab_size\": 97", "\"vocab_size\": 98"));
    Run run = inspect(folder.toString(), "--json");
    assertThat(run.code()).isEqualTo(Main.BAD_INPUT);
    assertThat(new ObjectMapper().readTree(run.out()).has("trained_by_full")).isFalse();
    assertThat(inspect(folder.toString()).out())
        .contains("tensor lm_head.weight has shape [97, 32] instead of [98, 32]");
  }

  @Test
  void looksAtAnAdaptersTensorsToo() throws IOException, URISyntaxException {
    copy("adapter-regex");
    Path config = folder.resolve("adapter_config.json");
    Files.writeString(config, Files.readString(config).replace("\"r\": 4", "\"r\": 5"));
    assertThat(inspect(folder.toString()).out())
        .contains("q_proj.lora_A.weight has shape [4, 32], which does not fit rank 5");
  }

  @Test
  void printsNoControlCharacters() throws IOException, URISyntaxException {
    copy("adapter-regex");
    Path config = folder.resolve("adapter_config.json");
    Files.writeString(
        config, Files.readString(config).replace("\"llama-gqa\"", "\"a\\u001b[31m\\u202eb\""));
    assertThat(inspect(folder.toString()).out()).contains("a?[31m?b").doesNotContain("\u001b");
  }

  private void copy(String name) throws IOException, URISyntaxException {
    try (Stream<Path> files = Files.list(Path.of(reference(name)))) {
      for (Path file : files.toList()) {
        Files.copy(file, folder.resolve(file.getFileName()));
      }
    }
  }
}
