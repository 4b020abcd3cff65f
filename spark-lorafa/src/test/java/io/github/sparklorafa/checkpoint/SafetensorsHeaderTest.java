package io.github.sparklorafa.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class SafetensorsHeaderTest {
  @TempDir Path folder;

  @Test
  void readsTensorsInTheOrderOfTheirData() {
    Path file =
        Safetensors.file(
            folder,
            Safetensors.padded(
                "{\"__metadata__\":{\"format\":\"pt\"},%s,%s,%s}"
                    .formatted(
                        Safetensors.tensor("b", "BF16", "[2]", "[24,28]"),
                        Safetensors.tensor("a", "F32", "[2,3]", "[0,24]"),
                        Safetensors.tensor("empty", "F32", "[0,7]", "[24,24]"))),
            28);

    SafetensorsHeader header = SafetensorsHeader.read(file);

    assertThat(header.tensors().keySet()).containsExactly("a", "empty", "b");
    assertThat(header.tensors().get("a").dimensions()).containsExactly(2, 3);
    assertThat(header.tensors().get("b").dtype()).isEqualTo(StoredDType.BF16);
    assertThat(header.metadata()).containsEntry("format", "pt").hasSize(1);
    assertThat(header.dataStart() % 8).isZero();
  }

  @Test
  void knowsScalarsAndNumbersBelowAByte() {
    Path file =
        Safetensors.file(
            folder,
            Safetensors.padded(
                "{%s,%s}"
                    .formatted(
                        Safetensors.tensor("scalar", "F64", "[]", "[0,8]"),
                        Safetensors.tensor("small", "F4", "[6]", "[8,11]"))),
            11);

    assertThat(SafetensorsHeader.read(file).tensors()).hasSize(2);
  }

  static Stream<Arguments> badDescriptions() {
    String good = "{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}";
    return Stream.of(
        Arguments.of("{\"w\":" + good + ",\"w\":" + good + "}", 8, "the name w appears twice"),
        Arguments.of("{\"w\":7}", 0, "tensor w: is not described by a JSON object"),
        Arguments.of("{" + entry("Q9", "[2]", "[0,8]") + "}", 8, "tensor w: dtype Q9 is not known"),
        Arguments.of("{" + entry("f32", "[2]", "[0,8]") + "}", 8, "dtype f32 is not known"),
        Arguments.of(
            "{\"w\":{\"dtype\":3,\"shape\":[2],\"data_offsets\":[0,8]}}",
            8,
            "tensor w: dtype is not a string"),
        Arguments.of(
            "{\"w\":{\"dtype\":\"F32\",\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}",
            8,
            "tensor w: the key dtype appears twice"),
        Arguments.of(
            "{\"w\":{\"dtype\":\"F32\",\"shape\":[2]}}",
            8,
            "tensor w: the key data_offsets is missing"),
        Arguments.of(
            "{\"w\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8],\"code\":{\"a\":[1]}}}",
            8,
            "tensor w: the key code is not known"),
        Arguments.of("{" + entry("F32", "[-2]", "[0,8]") + "}", 8, "shape holds -2"),
        Arguments.of("{" + entry("F32", "[2.0]", "[0,8]") + "}", 8, "shape holds 2.0"),
        Arguments.of("{" + entry("F32", "[[2]]", "[0,8]") + "}", 8, "shape holds ["),
        Arguments.of("{" + entry("F32", "2", "[0,8]") + "}", 8, "tensor w: shape is not a list"),
        Arguments.of(
            "{" + entry("F32", "[99999999999999999999]", "[0,8]") + "}",
            8,
            "shape holds 99999999999999999999, which is not an integer from 0 to 2^63-1"),
        Arguments.of(
            "{" + entry("F32", "[4294967296,4294967296]", "[0,8]") + "}",
            8,
            "has more bytes than 64 bits can count"),
        Arguments.of(
            "{" + entry("F32", "[" + "1,".repeat(64) + "1]", "[0,4]") + "}",
            4,
            "shape has more than 64 numbers"),
        Arguments.of("{" + entry("F4", "[3]", "[0,2]") + "}", 2, "does not end at a whole byte"));
  }

  static Stream<Arguments> badOffsets() {
    return Stream.of(
        Arguments.of(
            "{" + entry("F32", "[3]", "[0,8]") + "}",
            8,
            "data_offsets [0, 8] hold 8 bytes, but shape [3] of F32 needs 12"),
        Arguments.of(
            "{" + entry("F32", "[2]", "[0]") + "}", 8, "data_offsets has 1 numbers instead of 2"),
        Arguments.of(
            "{" + entry("F32", "[2]", "[8,0]") + "}",
            8,
            "data_offsets [8, 0] end before they begin"),
        Arguments.of(
            "{" + entry("F32", "[4]", "[0,16]") + "}",
            8,
            "data_offsets [0, 16] reach past the file's data of 8 bytes"),
        Arguments.of(
            "{" + entry("F32", "[2]", "[9223372036854775800,9223372036854775807]") + "}",
            8,
            "reach past the file's data of 8 bytes"),
        Arguments.of("{" + entry("F32", "[2]", "[4,12]") + "}", 12, "bytes 0 to 4 before tensor w"),
        Arguments.of("{" + entry("F32", "[2]", "[0,8]") + "}", 9, "1 bytes after the last tensor"),
        Arguments.of("{}", 3, "3 bytes after the last tensor belong to no tensor"),
        Arguments.of(
            "{%s,%s}"
                .formatted(
                    Safetensors.tensor("v", "F32", "[2]", "[0,8]"),
                    Safetensors.tensor("w", "F32", "[2]", "[4,12]")),
            12,
            "tensor w at bytes 4 to 12 overlaps tensor v, which ends at 8"),
        Arguments.of(
            "{%s,%s}"
                .formatted(
                    Safetensors.tensor("v", "U8", "[1]", "[0,1]"),
                    Safetensors.tensor("w", "F32", "[2]", "[1,9]")),
            9,
            "which is not a multiple of the 4 bytes of F32"));
  }

  static Stream<Arguments> badJson() {
    return Stream.of(
        Arguments.of("{\"__metadata__\":[]}", 0, "__metadata__ is not a JSON object"),
        Arguments.of("{\"__metadata__\":{\"a\":1}}", 0, "__metadata__: a is not a string"),
        Arguments.of(
            "{\"__metadata__\":{\"a\":\"1\",\"a\":\"2\"}}", 0, "__metadata__: a appears twice"),
        Arguments.of("[]", 0, "the header is not a JSON object"),
        Arguments.of("", 0, "the header is not a JSON object"),
        Arguments.of(" {}", 0, "the header is not a JSON object"),
        Arguments.of("{\"w\":", 0, "the header is not valid JSON"),
        Arguments.of("{\"w\":{]}", 0, "the header is not valid JSON"),
        Arguments.of("{} x", 0, "the header is not valid JSON"),
        Arguments.of("{} {}", 0, "the header goes on after its JSON object"),
        Arguments.of("{\"w\":" + "[".repeat(100_000), 0, "nesting depth"),
        Arguments.of("{\"" + "x".repeat(10_000) + "\":1}", 0, "x".repeat(160) + "..."));
  }

  private static String entry(String dtype, String shape, String offsets) {
    return Safetensors.tensor("w", dtype, shape, offsets);
  }

  @ParameterizedTest
  @MethodSource({"badDescriptions", "badOffsets", "badJson"})
  void refuses(String json, int dataBytes, String complaint) {
    Path file = Safetensors.file(folder, Safetensors.padded(json), dataBytes);
    if (json.isEmpty()) {
      file = Safetensors.file(folder, json, dataBytes);
    }

    Path bad = file;
    assertThatThrownBy(() -> SafetensorsHeader.read(bad))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("Cannot read safetensors file: " + bad + " (")
        .hasMessageContaining(complaint)
        .satisfies(e -> assertThat(e.getMessage()).hasSizeLessThan(1000));
  }

  @Test
  void reportsEverythingAtOnce() {
    Path file =
        Safetensors.file(
            folder,
            Safetensors.padded(
                "{%s,%s,%s}"
                    .formatted(
                        Safetensors.tensor("a", "F32", "[2]", "[0,8]"),
                        Safetensors.tensor("b", "X", "[-1]", "[8,4]"),
                        Safetensors.tensor("c", "F32", "[2]", "[4,12]"))),
            12);

    assertThatThrownBy(() -> SafetensorsHeader.read(file))
        .hasMessageContaining("4 problems")
        .hasMessageContaining("\n  - tensor b: dtype X is not known")
        .hasMessageContaining("\n  - tensor b: shape holds -1")
        .hasMessageContaining("\n  - tensor b: data_offsets [8, 4] end before they begin")
        .hasMessageContaining("\n  - tensor c at bytes 4 to 12 overlaps tensor a");
  }

  @Test
  void aFloodOfProblemsStaysReadable() {
    StringBuilder json = new StringBuilder("{\"a\":1");
    for (int i = 0; i < 200_000; i++) {
      json.append(",\"t").append(i).append("\":1");
    }
    Path file = Safetensors.file(folder, json.append("}").toString(), 0);

    assertThatThrownBy(() -> SafetensorsHeader.read(file))
        .hasMessageContaining("more")
        .satisfies(e -> assertThat(e.getMessage().lines()).hasSizeLessThan(50));
  }

  @Test
  void refusesATruncatedFile() {
    String json = Safetensors.padded("{" + entry("F32", "[4]", "[0,16]") + "}");

    assertThatThrownBy(() -> SafetensorsHeader.read(Safetensors.file(folder, json, 15)))
        .hasMessageContaining("reach past the file's data of 15 bytes");
    assertThatThrownBy(() -> SafetensorsHeader.read(Safetensors.file(folder, new byte[5])))
        .hasMessageContaining("the file has 5 bytes, fewer than the 8 of the header's length");
    assertThatThrownBy(() -> SafetensorsHeader.read(Safetensors.file(folder, new byte[0])))
        .hasMessageContaining("the file has 0 bytes");
  }

  @Test
  void refusesAHeaderLengthThatCannotBe() {
    byte[] json = "{}".getBytes(StandardCharsets.UTF_8);

    assertThatThrownBy(() -> SafetensorsHeader.read(Safetensors.file(folder, 3, json, new byte[0])))
        .hasMessageContaining("the header's length of 3 bytes is longer than the file of 10 bytes");
    assertThatThrownBy(
            () -> SafetensorsHeader.read(Safetensors.file(folder, -1, json, new byte[0])))
        .hasMessageContaining("18446744073709551615 bytes is longer than the file")
        .hasMessageContaining("above the format's limit of 100000000 bytes");
  }

  @Test
  void refusesBytesThatAreNoUtf8() {
    byte[] json = {'{', '"', (byte) 0xC3, (byte) 0x28, '"', ':', '1', '}'};

    assertThatThrownBy(() -> SafetensorsHeader.read(Safetensors.file(folder, 8, json, new byte[0])))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("the header is not UTF-8");
  }

  @Test
  void refusesAMissingFile() {
    assertThatThrownBy(() -> SafetensorsHeader.read(folder.resolve("nothing.safetensors")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("there is no such file");
  }

  @Test
  void controlCharactersOfNamesDoNotReachTheLog() {
    String json = Safetensors.padded("{\"a\\u001b[31m\\n\":1}");

    assertThatThrownBy(() -> SafetensorsHeader.read(Safetensors.file(folder, json, 0)))
        .hasMessageContaining("tensor a?[31m?: is not described");
  }

  @Test
  void anyChangedByteIsRefusedOrHarmless() {
    String json =
        Safetensors.padded(
            "{%s,%s}"
                .formatted(
                    Safetensors.tensor("v", "F32", "[2]", "[0,8]"),
                    Safetensors.tensor("w", "BF16", "[2,1]", "[8,12]")));
    byte[] header = json.getBytes(StandardCharsets.UTF_8);
    byte[] good =
        ByteBuffer.allocate(8 + header.length + 12)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putLong(header.length)
            .put(header)
            .array();
    for (int i = 0; i < 8 + header.length; i++) {
      for (int bit = 0; bit < 8; bit++) {
        byte[] bad = good.clone();
        bad[i] ^= (byte) (1 << bit);
        Path file = Safetensors.file(folder, bad);
        try {
          SafetensorsHeader.read(file)
              .tensors()
              .values()
              .forEach(tensor -> assertThat(tensor.end()).isLessThanOrEqualTo(12));
        } catch (IllegalArgumentException e) {
          assertThat(e).hasMessageStartingWith("Cannot read safetensors file: ");
        }
      }
    }
  }
}
