package io.github.sparklorafa.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.sparklorafa.fuzz.Damaged;
import io.github.sparklorafa.fuzz.Limits;
import io.github.sparklorafa.tensor.DType;
import io.github.sparklorafa.tensor.Natives;
import io.github.sparklorafa.tensor.Scope;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;
import org.apache.hadoop.fs.FileUtil;

/** Weights and their indexes from anywhere. */
class SafetensorsProperties {
  private static final List<Long> LENGTHS =
      List.of(-1L, 0L, 1L, 1L << 31, 1L << 60, Long.MAX_VALUE, Long.MIN_VALUE, 99_999_999L);

  private static Path folder;

  @BeforeContainer
  static void open() throws IOException {
    Natives.load(1);
    folder = Files.createTempDirectory("spark-lorafa-fuzz");
    Files.writeString(folder.resolve("outside.safetensors"), "secret");
  }

  @AfterContainer
  static void close() {
    FileUtil.fullyDelete(folder.toFile());
  }

  private static List<byte[]> files() throws IOException {
    List<byte[]> files = new ArrayList<>();
    for (String name :
        List.of(
            "adapter-zero/adapter_model.safetensors",
            "llama-tied/model-00002-of-00003.safetensors")) {
      files.add(Files.readAllBytes(Reference.path(name)));
    }
    return files;
  }

  /** The JSON damaged, with its own length before it or another one, and the data behind it. */
  @Provide
  Arbitrary<byte[]> weights() throws IOException {
    List<byte[]> wholes = files();
    List<String> headers = new ArrayList<>();
    for (byte[] whole : wholes) {
      headers.add(new String(whole, 8, (int) headerBytes(whole), StandardCharsets.UTF_8));
    }
    byte[] data = wholes.get(0);
    int from = 8 + (int) headerBytes(data);
    Arbitrary<byte[]> byJson =
        Combinators.combine(
                Damaged.json(headers),
                Arbitraries.of(LENGTHS).injectNull(0.9),
                Arbitraries.integers().between(0, data.length - from))
            .as(
                (header, length, dataBytes) -> {
                  byte[] text = header.getBytes(StandardCharsets.UTF_8);
                  return ByteBuffer.allocate(8 + text.length + dataBytes)
                      .order(ByteOrder.LITTLE_ENDIAN)
                      .putLong(length == null ? text.length : length)
                      .put(text)
                      .put(data, from, dataBytes)
                      .array();
                });
    return Arbitraries.oneOf(byJson, Damaged.bytes(wholes));
  }

  private static long headerBytes(byte[] whole) {
    return ByteBuffer.wrap(whole).order(ByteOrder.LITTLE_ENDIAN).getLong();
  }

  @Property(seed = "11")
  void headers(@ForAll("weights") byte[] bytes) {
    Limits.reads(
        () -> {
          SafetensorsHeader header =
              SafetensorsHeader.read(
                  "file", Channels.newChannel(new ByteArrayInputStream(bytes)), bytes.length);
          for (StoredTensor tensor : header.tensors().values()) {
            assertThat(tensor.begin()).isBetween(0L, tensor.end());
            assertThat(header.dataStart() + tensor.end()).isLessThanOrEqualTo(bytes.length);
          }
        });
  }

  /** Mapped and read to the last byte by the native library. */
  @Property(seed = "12")
  void files(@ForAll("weights") byte[] bytes) throws IOException {
    Path path = folder.resolve("file.safetensors");
    Files.deleteIfExists(path);
    Files.write(path, bytes);
    Limits.reads(
        () -> {
          try (Scope scope = new Scope();
              SafetensorsFile file = SafetensorsFile.open(path)) {
            for (String name : file.names()) {
              if (file.loadable(name)) {
                assertThat(file.load(name, DType.FP32).sum().numel()).isEqualTo(1);
              }
            }
          }
        });
  }

  @Provide
  Arbitrary<String> indexes() throws IOException {
    return Damaged.json(
        List.of(
            Files.readString(Reference.path("llama-tied/model.safetensors.index.json")),
            "{\"weight_map\": {\"a\": \"model-00002-of-00003.safetensors\"}}"));
  }

  /** Whatever an index says: files are opened in its own folder. */
  @Property(seed = "13")
  void indexesStayInTheirFolder(@ForAll("indexes") String json) throws IOException {
    Path checkpoint = folder.resolve("checkpoint");
    if (!Files.exists(checkpoint)) {
      Files.createDirectory(checkpoint);
      for (Path file : list(Reference.path("llama-tied"))) {
        Files.copy(file, checkpoint.resolve(file.getFileName().toString()));
      }
    }
    Files.writeString(checkpoint.resolve(ShardIndex.INDEX), json);
    Limits.reads(
        () ->
            ShardIndex.open(checkpoint)
                .values()
                .forEach(
                    file -> {
                      assertThat(file.path().normalize().getParent()).isEqualTo(checkpoint);
                      file.close();
                    }));
  }

  private static List<Path> list(Path of) throws IOException {
    try (var files = Files.list(of)) {
      return files.filter(Files::isRegularFile).toList();
    }
  }

  @Property(seed = "14")
  void checkpointsOfTraining(@ForAll("damagedStates") byte[][] files) throws IOException {
    Path checkpoints = folder.resolve("checkpoints");
    Path step = checkpoints.resolve(TrainingCheckpoints.name(3));
    Files.createDirectories(step);
    for (int i = 0; i < files.length; i++) {
      Path file = step.resolve(STATE.get(i));
      Files.deleteIfExists(file);
      Files.deleteIfExists(file.resolveSibling("." + file.getFileName() + ".crc"));
      Files.write(file, files[i]);
    }
    Path local = folder.resolve("local/copies");
    Limits.reads(
        () -> {
          try (StoredState state =
              TrainingCheckpoints.at(
                      checkpoints.toString(), new org.apache.hadoop.conf.Configuration())
                  .fetch(3, local)) {
            assertThat(state.header()).isNotNull();
          }
        },
        DamagedCheckpointException.class);
    assertThat(list(folder).stream().map(path -> path.getFileName().toString()))
        .as("nothing is written beside the copy")
        .isSubsetOf("outside.safetensors", "file.safetensors");
    assertThat(list(folder.resolve("local"))).isEmpty();
    FileUtil.fullyDelete(local.toFile());
  }

  private static final List<String> STATE =
      List.of(
          TrainingCheckpoints.MANIFEST, TrainingCheckpoints.HEADER, TrainingCheckpoints.TENSORS);

  /** Where the manifest alone is damaged its files are those that it would have named. */
  @Provide
  Arbitrary<byte[][]> damagedStates() throws IOException {
    byte[] header = "{\"format_version\": 1}".getBytes(StandardCharsets.UTF_8);
    byte[] tensors = files().get(0);
    List<FolderManifest.Entry> entries = new ArrayList<>();
    for (int i = 1; i < 3; i++) {
      byte[] content = i == 1 ? header : tensors;
      entries.add(
          FolderManifest.copy(
              new ByteArrayInputStream(content),
              java.io.OutputStream.nullOutputStream(),
              STATE.get(i)));
    }
    String manifest = new FolderManifest(entries).toJson();
    return Combinators.combine(
            Arbitraries.oneOf(Damaged.json(List.of(manifest)), Arbitraries.just(manifest)),
            Arbitraries.oneOf(Damaged.bytes(List.of(header)), Arbitraries.just(header)),
            Arbitraries.oneOf(Damaged.bytes(List.of(tensors)), Arbitraries.just(tensors)))
        .as(
            (first, second, third) ->
                new byte[][] {first.getBytes(StandardCharsets.UTF_8), second, third});
  }
}
