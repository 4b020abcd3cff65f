package io.github.sparklorafa.spark.stage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.sparklorafa.checkpoint.AdaptedModel;
import io.github.sparklorafa.nn.Parameter;
import io.github.sparklorafa.tensor.BaseDType;
import io.github.sparklorafa.tensor.DType;
import io.github.sparklorafa.tensor.Scope;
import io.github.sparklorafa.train.Problems;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What tasks of one executor share, without tasks. */
class SharedModelTest {
  private static final Configuration HADOOP = new Configuration();

  @TempDir Path folder;

  private PredictModel model(Path base, String adapter) {
    return model(base, adapter, BaseDType.BF16);
  }

  private PredictModel model(Path base, String adapter, BaseDType held) {
    Problems problems = new Problems();
    String location = adapter.isEmpty() ? "" : TrainingCluster.reference(adapter).toString();
    PredictModel model =
        PredictModel.checked(
            new Predictor(base.toString(), location, DType.BF16, held),
            (files, shape) -> {},
            HADOOP,
            problems);
    problems.throwIfAny();
    return model;
  }

  private Path base() throws IOException {
    Path base = Files.createDirectories(folder.resolve("base"));
    for (String name : List.of("config.json", "model.safetensors")) {
      Files.copy(TrainingCluster.reference("llama-gqa").resolve(name), base.resolve(name));
    }
    return base;
  }

  private SharedModel.Use use(PredictModel model) {
    return SharedModel.use(model, folder, HADOOP);
  }

  /** Where each weight of the base lies, by name. */
  private static Map<String, Long> places(AdaptedModel model) {
    try (Scope scope = new Scope()) {
      return model.model().parameters().stream()
          .collect(Collectors.toMap(Parameter::name, p -> p.value().data_ptr().address()));
    }
  }

  @Test
  void modelsOfOneBaseHoldItsWeightsOnce() throws IOException {
    Path base = base();
    PredictModel one = model(base, "adapter-nonzero");
    PredictModel other = model(base, "adapter-down");
    Map<String, Long> places;
    try (SharedModel.Use first = use(one);
        SharedModel.Use second = use(other);
        SharedModel.Use again = use(one)) {
      assertThat(again.model()).isSameAs(first.model()).isNotSameAs(second.model());
      places = places(first.model());
      assertThat(places).hasSize(first.model().shape().tensors().size());
      assertThat(places(second.model())).isEqualTo(places);
    }
    // Whoever comes next: those that nobody uses are closed, the base stays.
    try (SharedModel.Use third = use(model(base, ""))) {
      assertThat(places(third.model())).isEqualTo(places);
    }
  }

  /** Two ways to hold one base are two models; what is not held so is shared all the same. */
  @Test
  void aBaseInFourBitsIsAnotherModel() throws IOException {
    Path base = base();
    try (SharedModel.Use whole = use(model(base, "adapter-nonzero"));
        SharedModel.Use packed = use(model(base, "adapter-nonzero", BaseDType.NF4));
        SharedModel.Use other = use(model(base, "adapter-down", BaseDType.NF4))) {
      Map<String, Long> few = places(packed.model());
      assertThat(few).hasSizeLessThan(places(whole.model()).size());
      assertThat(places(other.model())).isEqualTo(few);
      assertThat(places(whole.model())).containsAllEntriesOf(few);
    }
  }

  @Test
  void aBaseThatWasWrittenAnewIsNotTheSame() throws IOException {
    Path base = base();
    PredictModel one = model(base, "adapter-nonzero");
    try (SharedModel.Use before = use(one)) {
      Map<String, Long> places = places(before.model());
      Path weights = base.resolve("model.safetensors");
      Path copy = Files.copy(weights, folder.resolve("copy"));
      Files.setLastModifiedTime(copy, FileTime.fromMillis(1_700_000_000_000L));
      Files.move(copy, weights, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
      try (SharedModel.Use after = use(one);
          SharedModel.Use other = use(model(base, "adapter-down"))) {
        assertThat(places(after.model()).values()).doesNotContainAnyElementsOf(places.values());
        assertThat(places(other.model())).isEqualTo(places(after.model()));
      }
    }
  }

  @Test
  void anAdapterThatCannotBeOpenedDoesNotHoldTheBase() throws IOException {
    Path base = base();
    Path broken = Files.createDirectory(folder.resolve("broken"));
    PredictModel one = model(base, "adapter-nonzero");
    PredictModel bad =
        new PredictModel(one.predictor().withAdapter(broken.toUri().toString()), one.shape());
    for (int i = 0; i < 2; i++) {
      assertThatThrownBy(() -> use(bad)).isInstanceOf(RuntimeException.class);
    }
    try (SharedModel.Use good = use(one)) {
      assertThat(places(good.model())).isNotEmpty();
    }
  }
}
