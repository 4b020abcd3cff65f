package io.github.sparklorafa.bigdl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.sparklorafa.bigdl.BigDlCluster.Heard;
import io.github.sparklorafa.bigdl.EventRecords.Event;
import io.github.sparklorafa.spark.stage.EventFiles;
import io.github.sparklorafa.train.Extras;
import io.github.sparklorafa.train.Schedule;
import io.github.sparklorafa.train.TrainConfig;
import io.github.sparklorafa.train.TrainConfigBuilder;
import io.github.sparklorafa.train.Transport;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs with BigDL's optimizers and event files, with workers that are threads. */
@Tag("spark")
class BigDlRunTest {
  @TempDir static Path folder;
  private static BigDlCluster cluster;

  @BeforeAll
  static void start() {
    cluster =
        BigDlCluster.start(
            "local[3]",
            "spark.hadoop.fs.hdfs.impl",
            LocalAsHdfs.class.getName(),
            "spark.hadoop." + LocalAsHdfs.ROOT,
            folder.resolve("hdfs").toString());
  }

  @AfterAll
  static void stop() {
    cluster.close();
  }

  private static TrainConfig config(String output, UnaryOperator<Extras> extras) {
    return BigDlCluster.config(folder.resolve(output)).extras(extras).build();
  }

  /** With an epsilon that is small beside any gradient, since it stands elsewhere in BigDL's. */
  @Test
  void bigDlsAdamTrainsAsAdamWWithoutDecay() {
    UnaryOperator<Extras> adam = e -> e.withOptimizer("bigdl:Adam");
    double[] adamw = losses(BigDlCluster.config(folder.resolve("adamw")).epsilon(1e-12));
    double[] two = losses(BigDlCluster.config(folder.resolve("two")).epsilon(1e-12).extras(adam));
    double[] three =
        losses(
            BigDlCluster.config(folder.resolve("three"))
                .epsilon(1e-12)
                .extras(adam)
                .workers(3)
                .synchronisation(s -> s.with(Transport.BIGDL)));

    assertThat(two).hasSize(20).containsExactly(adamw, within(1e-3));
    assertThat(three).containsExactly(two, within(1e-4));
  }

  private static double[] losses(TrainConfigBuilder config) {
    return cluster.train(config.build()).losses();
  }

  /** The second run has more steps and another number of workers. */
  @Test
  void goesOnFromItsStateInTheCheckpoints() {
    UnaryOperator<Extras> sgd =
        e -> e.withOptimizer("bigdl:SGD").withOptimizerOptions("momentum=0.9");
    double[] whole =
        losses(BigDlCluster.config(folder.resolve("sgd")).schedule(Schedule.CONSTANT).extras(sgd));
    UnaryOperator<TrainConfigBuilder> kept =
        b ->
            b.schedule(Schedule.CONSTANT)
                .checkpointing(c -> c.withDir(folder.resolve("state").toString()).withEvery(4))
                .extras(sgd);
    losses(kept.apply(BigDlCluster.config(folder.resolve("begun")).maxSteps(8)));
    Heard rest =
        cluster.train(kept.apply(BigDlCluster.config(folder.resolve("ended")).workers(3)).build());

    assertThat(rest.starts.get(0).stepsDone()).isEqualTo(8);
    assertThat(rest.losses()).containsExactly(Arrays.copyOfRange(whole, 8, 20), within(1e-4));
    assertThat(whole[19]).isLessThan(whole[0]);
  }

  @Test
  void writesEventFilesThatTensorBoardReads() throws IOException {
    UnaryOperator<Extras> local = e -> e.withTensorboard(folder.resolve("events").toString());
    UnaryOperator<Extras> remote = e -> e.withTensorboard("hdfs://cluster/events");

    assertEvents("support", cluster.train(config("support", local)), folder.resolve("events"));
    assertEvents("other", cluster.train(config("other", remote)), folder.resolve("hdfs/events"));
    EventFiles files = EventFiles.find().orElseThrow();
    assertThatThrownBy(() -> files.open("s3a://b/events", "third", new Configuration()))
        .hasMessage(
            "Cannot write event files: s3a://b/events (a file in s3a: is seen only when it is"
                + " closed; use a local path or hdfs:)");
  }

  private static void assertEvents(String run, Heard heard, Path events) throws IOException {
    List<Event> train = EventRecords.in(events.resolve(run).resolve("train"));
    assertThat(train.get(0).version()).isEqualTo("brain.Event:2");
    assertThat(train.get(1).restart()).isTrue();
    assertThat(train.get(1).step()).isEqualTo(1);
    assertThat(values(train, "Loss"))
        .containsExactly(
            heard.steps.stream().map(step -> (float) step.loss()).toArray(Float[]::new));
    assertThat(values(train, "LearningRate"))
        .containsExactly(
            heard.steps.stream().map(step -> (float) step.learningRate()).toArray(Float[]::new));
    assertThat(values(train, "GradientNorm"))
        .containsExactly(
            heard.steps.stream().map(step -> (float) step.gradNorm()).toArray(Float[]::new));
    assertThat(values(train, "BytesSent")).hasSize(20).containsOnly(sent(heard));
    assertThat(values(train, "BytesKept")).hasSize(20).allMatch(bytes -> bytes > 0);
    assertThat(values(train, "Throughput")).hasSize(20).allMatch(tokens -> tokens > 0);
    List<Event> validation = EventRecords.in(events.resolve(run).resolve("validation"));
    assertThat(values(validation, "Loss")).hasSize(1).allMatch(loss -> loss > 0);
    assertThat(values(validation, "perplexity")).hasSize(1);
    assertThat(validation.get(validation.size() - 1).step()).isEqualTo(20);
  }

  private static float sent(Heard heard) {
    return heard.steps.get(0).bucketBytes();
  }

  private static List<Float> values(List<Event> events, String tag) {
    return events.stream().filter(event -> event.tag().equals(tag)).map(Event::value).toList();
  }
}
