package io.github.sparklorafa.spark.progress;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.sparklorafa.fuzz.Damaged;
import io.github.sparklorafa.fuzz.Limits;
import io.github.sparklorafa.spark.progress.ProgressMessage.Kind;
import io.github.sparklorafa.train.EvaluationReport;
import io.github.sparklorafa.train.ProgressListener;
import io.github.sparklorafa.train.Reports;
import io.github.sparklorafa.train.RunStart;
import io.github.sparklorafa.train.StepReport;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** What comes to the driver's end from anywhere: listeners hear of whole reports only. */
class ProgressProperties {
  /** Looks into every report as a listener may. */
  private static final ProgressListener LISTENER =
      new ProgressListener() {
        @Override
        public void onStart(RunStart start) {
          assertThat(start).isNotNull();
        }

        @Override
        public void onStep(StepReport report) {
          assertThat(report).isNotNull();
        }

        @Override
        public void onEvaluation(EvaluationReport report) {
          report
              .scores()
              .forEach((name, score) -> assertThat(name + score.doubleValue()).isNotNull());
        }

        @Override
        public void onNote(String text) {
          assertThat(text).isNotNull();
        }
      };

  private final ProgressReceiver receiver = new ProgressReceiver(List.of(LISTENER), null);

  private static String message(Kind kind, Object body) {
    return ProgressMessage.of(kind, 0, body).json();
  }

  @Provide
  Arbitrary<String> messages() {
    return Damaged.json(
        List.of(
            message(Kind.START, new RunStart(0, 2, 20, 10, 100, 0)),
            message(Kind.STEP, Reports.step(1, 5)),
            message(Kind.TAPE, 9L),
            message(
                Kind.EVALUATION,
                new EvaluationReport(1, 0.5, Double.NaN, 0.1, Map.of("bleu", Double.NaN))),
            message(Kind.NOTE, "a note"),
            message(Kind.FAILURE, new Failure(1, "b", "the loss is NaN")),
            message(Kind.FIRST_FAILURE, null),
            message(Kind.READY, 1),
            message(Kind.FLUSH, null)));
  }

  @Property(seed = "51")
  void messagesToTheDriver(@ForAll("messages") String json) {
    Limits.reads(() -> assertThat(receiver.answer(json)).isNotNull());
    receiver.firstFailure().ifPresent(first -> assertThat(first.cause()).isNotNull());
    assertThat(receiver.answer(message(Kind.FLUSH, null))).as("it goes on").isEmpty();
  }

  /** What an executor is answered. */
  @Property(seed = "52")
  void answers(@ForAll("messages") String json) {
    Limits.reads(() -> assertThat(ProgressMessage.parse(json).body(Failure.class)).isNotNull());
  }
}
