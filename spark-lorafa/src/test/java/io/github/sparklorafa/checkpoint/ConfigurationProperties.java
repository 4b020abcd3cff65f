package io.github.sparklorafa.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.sparklorafa.fuzz.Damaged;
import io.github.sparklorafa.fuzz.Limits;
import io.github.sparklorafa.lora.AdapterConfig;
import io.github.sparklorafa.model.ModelConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;
import org.apache.hadoop.fs.FileUtil;

/** Configurations from anywhere: each is read, or refused in our words. */
class ConfigurationProperties {
  private static final List<String> MODELS =
      List.of(
          "llama-gqa",
          "mistral",
          "qwen2",
          "qwen3",
          "phi3",
          "roberta",
          "bert",
          "xlm-roberta",
          "t5-gated",
          "t5-relu");
  private static final List<String> ADAPTERS =
      List.of("adapter-head", "adapter-patterns", "adapter-regex", "adapter-roberta");

  private static Path folder;

  @BeforeContainer
  static void open() throws IOException {
    folder = Files.createTempDirectory("spark-lorafa-fuzz");
  }

  @AfterContainer
  static void close() {
    FileUtil.fullyDelete(folder.toFile());
  }

  private static List<String> texts(List<String> folders, String name) throws IOException {
    List<String> texts = new ArrayList<>();
    for (String folder : folders) {
      texts.add(Files.readString(Reference.path(folder).resolve(name)));
    }
    return texts;
  }

  @Provide
  Arbitrary<String> modelConfigs() throws IOException {
    return Damaged.json(texts(MODELS, "config.json"));
  }

  @Property(seed = "1")
  void modelConfigurations(@ForAll("modelConfigs") String json) {
    Limits.reads(
        () -> {
          ModelConfig config = ModelConfigParser.fromJson(json);
          // Whoever opens a checkpoint asks for these before a byte of its weights.
          config.tensors();
          config.linearLayers();
          assertThat(config.vocabSize()).isPositive();
        });
  }

  @Property(seed = "2")
  void classNames(@ForAll("modelConfigs") String json) {
    Limits.reads(() -> assertThat(ClassNames.of(json, 3)).hasSizeBetween(0, 3));
  }

  @Provide
  Arbitrary<String> adapterConfigs() throws IOException {
    return Damaged.json(texts(ADAPTERS, "adapter_config.json"));
  }

  /** With whatever expressions they have for the names of modules. */
  @Property(seed = "3")
  void adapterConfigurations(@ForAll("adapterConfigs") String json) {
    Limits.reads(
        () -> {
          AdapterConfig config = PeftConfigParser.fromJson(json);
          for (String module : Holder.MODULES) {
            config.adapts(module);
            config.rankOf(module);
          }
        });
  }

  private static final class Holder {
    static final Set<String> MODULES = modules();

    private static Set<String> modules() {
      try {
        return ModelConfigParser.fromJson(
                Files.readString(Reference.path("llama-gqa").resolve("config.json")))
            .linearLayers()
            .keySet();
      } catch (IOException e) {
        throw new java.io.UncheckedIOException(e);
      }
    }
  }

  @Provide
  Arbitrary<String> taskFiles() {
    return Damaged.json(
        List.of(
            "{\"task\": \"sequence-classification\", \"num_labels\": 3, \"problem_type\":"
                + " \"single_label_classification\"}"));
  }

  /** Beside an adapter. */
  @Property(seed = "5")
  void taskFiles(@ForAll("taskFiles") String json) throws IOException {
    Files.writeString(folder.resolve(TaskFile.NAME), json);
    Limits.reads(() -> assertThat(TaskFile.read(folder)).isPresent());
  }

  @Provide
  Arbitrary<String> manifests() {
    return Damaged.json(
        List.of(
            new FolderManifest(
                    List.of(
                        new FolderManifest.Entry("training_state.json", 120, 77),
                        new FolderManifest.Entry("part/of/it.json", 120, 77),
                        new FolderManifest.Entry("training_state.safetensors", 4096, 1L << 31)))
                .toJson()));
  }

  @Property(seed = "4")
  void folderManifests(@ForAll("manifests") String json) {
    Path models = Path.of("/models/a");
    Limits.reads(
        () ->
            FolderManifest.fromJson(json)
                .files()
                .forEach(
                    file -> {
                      Path path = models.resolve(file.name()).normalize();
                      assertThat(path.startsWith(models) && !path.equals(models)).isTrue();
                    }));
  }
}
