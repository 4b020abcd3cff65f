package io.github.sparklorafa.spark.stage;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.sparklorafa.data.RowTally;
import io.github.sparklorafa.data.ShardSummary;
import io.github.sparklorafa.fuzz.Damaged;
import io.github.sparklorafa.fuzz.Limits;
import io.github.sparklorafa.spark.progress.Failure;
import io.github.sparklorafa.spark.stage.Rendezvous.Introduction;
import io.github.sparklorafa.train.TrainSummary;
import io.github.sparklorafa.train.TrainingException;
import java.util.List;
import java.util.Optional;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** What tasks say to each other and return to the driver. */
class StageMessageProperties {
  private static final String TOKEN = "AAECAwQFBgcICQoLDA0ODw";
  private static final Introduction FIRST =
      new Introduction(0, "0", "host", 10, "data 7", TOKEN + "@127.0.0.1#4040", "");

  @Provide
  Arbitrary<String> introductions() {
    return Damaged.json(List.of(StageJson.write(FIRST)));
  }

  @Property(seed = "61")
  void introductions(@ForAll("introductions") String json) {
    Limits.reads(
        () -> {
          Introduction other = StageJson.read(json, Introduction.class);
          Rendezvous rendezvous = Rendezvous.of(List.of(FIRST, other));
          assertThat(rendezvous.names()).hasSize(2);
          assertThat(rendezvous.offers()).doesNotContainNull();
          assertThat(rendezvous.refusal(false)).isNotNull();
        });
  }

  @Provide
  Arbitrary<String> results() {
    TrainSummary summary =
        new TrainSummary(20, 3.5, 1.25, Double.NaN, 99, 1000, 400, 500, 1.5, 0, Double.NaN, 0);
    return Damaged.json(
        List.of(
            StageJson.write(new WorkerResult(0, 0, summary, "{\"files\": []}", null)),
            StageJson.write(new WorkerResult(1, 1, null, "", new Failure(1, "host", "NaN")))));
  }

  @Property(seed = "62")
  void results(@ForAll("results") String json) {
    Limits.reads(
        () -> {
          List<WorkerResult> results = List.of(StageJson.read(json, WorkerResult.class));
          WorkerResult.throwFirstFailure(results, Optional.empty());
          WorkerResult first = WorkerResult.ofRankZero(results);
          assertThat(first.summary()).isNotNull();
          assertThat(first.manifest()).isNotNull();
        },
        TrainingException.class);
  }

  @Provide
  Arbitrary<String> shards() {
    return Damaged.json(
        List.of(
            StageJson.write(
                new TokenizeTask.Shard(
                    new ShardSummary(0, "s.tokens", 100, 1, 3, 2, 3, 7, 8).toJson(),
                    new RowTally().toJson(),
                    "")),
            StageJson.write(new TokenizeTask.Shard("", "", "Cannot read"))));
  }

  @Property(seed = "63")
  void shards(@ForAll("shards") String json) {
    Limits.reads(
        () -> {
          TokenizeTask.Shard shard = StageJson.read(json, TokenizeTask.Shard.class);
          assertThat(shard.problem()).isNotNull();
          assertThat(RowTally.fromJson(shard.tally()).toJson()).isNotEmpty();
          assertThat(ShardSummary.fromJson(shard.summary()).rows()).isNotNegative();
        });
  }

  @Provide
  Arbitrary<String> findings() {
    return Damaged.json(
        List.of(
            StageJson.write(
                new Finding[] {
                  new Finding("executor 0", "Java", Finding.Level.OK, "17"),
                  new Finding("executor 0", "GPUs", Finding.Level.PROBLEM, "Cannot see")
                })));
  }

  @Property(seed = "64")
  void findings(@ForAll("findings") String json) {
    Limits.reads(
        () -> {
          for (Finding finding : StageJson.read(json, Finding[].class)) {
            assertThat(finding.place() + finding.what() + finding.text()).isNotNull();
            assertThat(finding.level()).isNotNull();
          }
        });
  }
}
