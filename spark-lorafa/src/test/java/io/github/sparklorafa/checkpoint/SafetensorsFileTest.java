package io.github.sparklorafa.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.sparklorafa.checkpoint.SafetensorsWriter.Entry;
import io.github.sparklorafa.tensor.DType;
import io.github.sparklorafa.tensor.Scope;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SafetensorsFileTest {
  @TempDir Path folder;

  @Test
  void readsBackWhatItWrote() {
    Path path = folder.resolve("sub/model.safetensors");
    try (Scope scope = new Scope()) {
      Tensor wide = Numbers.counting(3, 5);
      Tensor narrow = Numbers.counting(DType.BF16, 7);
      SafetensorsWriter.write(
          path,
          List.of(
              new Entry("narrow", DType.BF16, narrow),
              new Entry("empty", DType.FP32, Numbers.counting(0, 4)),
              new Entry(
                  "scalar", DType.FP32, Numbers.counting(9).narrow(0, 8, 1).view(new long[0])),
              new Entry("wide", DType.FP32, wide)));
      try (SafetensorsFile file = SafetensorsFile.open(path)) {
        assertThat(file.names()).containsExactlyInAnyOrder("empty", "scalar", "wide", "narrow");
        assertThat(file.metadata()).containsEntry("format", "pt");
        assertThat(file.dtype("wide")).isEqualTo("F32");
        assertThat(file.dtype("narrow")).isEqualTo("BF16");
        assertThat(file.shape("wide")).containsExactly(3, 5);
        assertThat(file.bytes("wide")).isEqualTo(60);
        assertThat(Numbers.of(file.load("wide", DType.FP32))).isEqualTo(Numbers.of(wide));
        assertThat(Numbers.of(file.load("narrow", DType.BF16))).isEqualTo(Numbers.of(narrow));
        assertThat(Numbers.of(file.load("scalar", DType.FP32))).containsExactly(2f);
        assertThat(Numbers.shape(file.load("scalar", DType.FP32))).isEmpty();
        assertThat(Numbers.shape(file.load("empty", DType.BF16))).containsExactly(0, 4);
      }
    }
  }

  @Test
  void writesStridedAndWideTensorsInTheDtypeAskedFor() {
    Path path = folder.resolve("model.safetensors");
    try (Scope scope = new Scope()) {
      Tensor turned = Numbers.counting(2, 3).t();
      SafetensorsWriter.write(path, List.of(new Entry("turned", DType.BF16, turned)));
      try (SafetensorsFile file = SafetensorsFile.open(path)) {
        assertThat(file.shape("turned")).containsExactly(3, 2);
        assertThat(Numbers.of(file.load("turned", DType.FP32)))
            .containsExactly(0, 0.75f, 0.25f, 1, 0.5f, 1.25f);
      }
    }
  }

  @Test
  void writesMoreThanOnePiece() {
    Path path = folder.resolve("model.safetensors");
    try (Scope scope = new Scope()) {
      Tensor large = Numbers.counting(3, 1_500_000);
      SafetensorsWriter.write(path, List.of(new Entry("large", DType.FP32, large)));
      try (SafetensorsFile file = SafetensorsFile.open(path)) {
        assertThat(file.load("large", DType.FP32).equal(large)).isTrue();
      }
    }
  }

  @Test
  void mapsWhereTheDtypeMatchesAndCopiesElsewhere() {
    Path path = folder.resolve("model.safetensors");
    try (Scope scope = new Scope()) {
      SafetensorsWriter.write(path, List.of(new Entry("w", DType.FP32, Numbers.counting(4))));
      SafetensorsFile file = SafetensorsFile.open(path);
      Tensor first = file.load("w", DType.FP32);
      Tensor second = file.load("w", DType.FP32);
      Tensor converted = file.load("w", DType.BF16);
      assertThat(first.data_ptr()).isEqualTo(second.data_ptr());
      assertThat(converted.data_ptr()).isNotEqualTo(file.load("w", DType.BF16).data_ptr());
      assertThat(converted.scalar_type().intern()).isEqualTo(ScalarType.BFloat16);
      file.close();
      assertThat(Numbers.of(second)).containsExactly(0, 0.25f, 0.5f, 0.75f);
    }
  }

  @Test
  void aTensorOutlivesTheScopeItWasLoadedIn() {
    Path path = folder.resolve("model.safetensors");
    Tensor kept;
    try (Scope scope = new Scope()) {
      SafetensorsWriter.write(path, List.of(new Entry("w", DType.FP32, Numbers.counting(4))));
      try (SafetensorsFile file = SafetensorsFile.open(path)) {
        kept = scope.release(file.load("w", DType.FP32));
      }
    }
    assertThat(Numbers.of(kept)).containsExactly(0, 0.25f, 0.5f, 0.75f);
    kept.close();
  }

  @Test
  void loadingLeavesNoNativeObjectsBehind() {
    Path path = folder.resolve("model.safetensors");
    try (Scope scope = new Scope()) {
      SafetensorsWriter.write(path, List.of(new Entry("w", DType.FP32, Numbers.counting(4))));
    }
    try (SafetensorsFile file = SafetensorsFile.open(path)) {
      loadAndWrite(file);
      long before = Pointer.totalCount();
      for (int i = 0; i < 50; i++) {
        loadAndWrite(file);
      }
      assertThat(Pointer.totalCount()).isEqualTo(before);
    }
  }

  private static void loadAndWrite(SafetensorsFile file) {
    try (Scope scope = new Scope()) {
      Tensor bf16 = file.load("w", DType.BF16);
      Tensor fp32 = file.load("w", DType.FP32);
      SafetensorsWriter.write(
          new ByteArrayOutputStream(),
          List.of(new Entry("a", DType.FP32, bf16), new Entry("b", DType.FP32, fp32)));
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void convertsHalfPrecision() {
    byte[] data =
        ByteBuffer.allocate(6)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putShort((short) 0x3C00)
            .putShort((short) 0xC100)
            .putShort((short) 0x7BFF)
            .array();
    String json = Safetensors.padded("{" + Safetensors.tensor("h", "F16", "[3]", "[0,6]") + "}");
    try (Scope scope = new Scope();
        SafetensorsFile file = SafetensorsFile.open(Safetensors.file(folder, json, data))) {
      assertThat(Numbers.of(file.load("h", DType.FP32))).containsExactly(1, -2.5f, 65504);
      assertThat(Numbers.of(file.load("h", DType.BF16))).containsExactly(1, -2.5f, 65536);
    }
  }

  @Test
  void refusesWhatItCannotLoad() {
    String json = Safetensors.padded("{" + Safetensors.tensor("ids", "I64", "[2]", "[0,16]") + "}");
    try (SafetensorsFile file = SafetensorsFile.open(Safetensors.file(folder, json, 16))) {
      assertThatThrownBy(() -> file.load("ids", DType.FP32))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("Cannot load tensor: ids of dtype I64")
          .hasMessageContaining("(convert it to F32, BF16 or F16)");
      assertThatThrownBy(() -> file.load("other", DType.FP32))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("Cannot load tensor: other");
    }
  }

  @Test
  void refusesTwoTensorsOfOneName() throws IOException {
    try (Scope scope = new Scope()) {
      Tensor tensor = Numbers.counting(1);
      List<Entry> entries =
          List.of(new Entry("w", DType.FP32, tensor), new Entry("w", DType.FP32, tensor));
      Path path = folder.resolve("model.safetensors");
      assertThatThrownBy(() -> SafetensorsWriter.write(path, entries))
          .hasMessageContaining("Cannot write tensor: w (its name is taken)");
    }
    try (Stream<Path> left = Files.list(folder)) {
      assertThat(left).isEmpty();
    }
  }

  @Test
  void readsWhatPythonWrote() {
    try (Scope scope = new Scope();
        SafetensorsFile file =
            SafetensorsFile.open(Reference.path("llama-gqa/model.safetensors"))) {
      assertThat(file.shape("model.layers.0.self_attn.k_proj.weight")).containsExactly(24, 32);
      assertThat(Numbers.of(file.load("model.norm.weight", DType.FP32)))
          .hasSize(32)
          .doesNotContain(Float.NaN);
    }
  }
}
