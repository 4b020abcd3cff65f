package io.github.sparklorafa.spark.stage;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.sparklorafa.checkpoint.AdapterFiles;
import io.github.sparklorafa.train.ProgressListener;
import io.github.sparklorafa.train.TrainConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Executors that train over each transport, and sum while the backward pass goes on. */
@Tag("spark")
class TransportTest {
  /** So large that gradients leave in three parts while the backward pass goes on. */
  private static final int RANK = 800;

  @TempDir Path folder;

  private final List<String> notes = new ArrayList<>();

  private TrainConfig config(String output, Carrier carrier) {
    return carrier
        .in(TrainingCluster.config(folder.resolve(output)).rank(RANK).workers(2).maxSteps(6))
        .build();
  }

  private ProgressListener listener() {
    return new ProgressListener() {
      @Override
      public void onNote(String text) {
        notes.add(text);
      }
    };
  }

  @Test
  void trainsTheSameBitsOverGlooAndOverSparkEncryptedOrNot() throws IOException {
    try (TrainingCluster cluster = Carrier.GLOO.start()) {
      TrainingResult result =
          cluster.train(config("gloo", Carrier.GLOO), cluster.rows(23), listener());
      cluster.train(config("spark", Carrier.SPARK), cluster.rows(23), listener());

      assertThat(notes)
          .contains(
              "Gradients travel over Gloo, unencrypted",
              "Gradients travel over Spark's network layer, unencrypted");
      assertThat(result.summary().trainableParameters())
          .as("numbers of three parts of the usual size")
          .isBetween(2L << 18, 3L << 18);
      // The block manager of each, and nothing of ours.
      assertThat(listening()).hasSize(2);
    }
    notes.clear();
    try (TrainingCluster cluster = Carrier.SPARK_ENCRYPTED.start()) {
      cluster.train(config("encrypted", Carrier.SPARK_ENCRYPTED), cluster.rows(23), listener());

      assertThat(notes)
          .contains("Gradients travel over Spark's network layer, authenticated and encrypted")
          .noneMatch(note -> note.contains(Carrier.SECRET));
      // The block manager of each, and nothing of ours.
      assertThat(listening()).hasSize(2);
    }
    for (String other : List.of("spark", "encrypted")) {
      assertThat(folder.resolve(other).resolve(AdapterFiles.MODEL))
          .hasSameBinaryContentAs(folder.resolve("gloo").resolve(AdapterFiles.MODEL));
    }
  }

  /** The sockets on which executors listen, with their processes. */
  private static Set<String> listening() throws IOException {
    Set<String> inodes = new TreeSet<>();
    for (String table : List.of("/proc/net/tcp", "/proc/net/tcp6")) {
      for (String line : Files.readAllLines(Path.of(table))) {
        String[] fields = line.trim().split("\\s+");
        if (fields[3].equals("0A")) {
          inodes.add("socket:[" + fields[9] + "]");
        }
      }
    }
    Set<String> sockets = new TreeSet<>();
    for (ProcessHandle executor : TrainingCluster.executors()) {
      try (Stream<Path> open = Files.list(Path.of("/proc/" + executor.pid() + "/fd"))) {
        open.map(TransportTest::link)
            .filter(inodes::contains)
            .forEach(socket -> sockets.add(executor.pid() + " " + socket));
      }
    }
    return sockets;
  }

  private static String link(Path file) {
    try {
      return Files.readSymbolicLink(file).toString();
    } catch (IOException e) {
      return ""; // closed meanwhile
    }
  }
}
