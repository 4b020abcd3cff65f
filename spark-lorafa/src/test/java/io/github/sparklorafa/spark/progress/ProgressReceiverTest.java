package io.github.sparklorafa.spark.progress;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.sparklorafa.spark.progress.ProgressMessage.Kind;
import io.github.sparklorafa.train.EvaluationReport;
import io.github.sparklorafa.train.ProgressListener;
import io.github.sparklorafa.train.Reports;
import io.github.sparklorafa.train.RunStart;
import io.github.sparklorafa.train.StepReport;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ProgressReceiverTest {
  private final List<String> heard = new ArrayList<>();
  private final ProgressReceiver receiver =
      new ProgressReceiver(
          List.of(
              new ProgressListener() {
                @Override
                public void onStep(StepReport report) {
                  throw new IllegalStateException("a listener that fails hinders nobody");
                }
              },
              new ProgressListener() {
                @Override
                public void onStart(RunStart start) {
                  heard.add("start " + start.attempt() + " of " + start.steps());
                }

                @Override
                public void onStep(StepReport report) {
                  heard.add("step " + report.step() + " tape " + report.tapeBytes());
                }

                @Override
                public void onEvaluation(EvaluationReport report) {
                  heard.add("evaluation " + report.evalLoss() + " " + report.scores());
                }

                @Override
                public void onNote(String note) {
                  heard.add(note);
                }
              }),
          null);

  private String say(Kind kind, int attempt, Object body) {
    return receiver.answer(ProgressMessage.of(kind, attempt, body).json());
  }

  @Test
  void handsReportsOnInOrder() {
    say(Kind.START, 0, new RunStart(0, 2, 20, 10, 100, 0));
    say(Kind.STEP, 0, Reports.step(1, 5));
    say(
        Kind.EVALUATION,
        0,
        new EvaluationReport(1, 0.5, Double.NaN, 0.1, Map.of("bleu", Double.NaN)));
    receiver.note("a note");

    assertThat(heard)
        .containsExactly("start 0 of 20", "step 1 tape 5", "evaluation NaN {bleu=NaN}", "a note");
  }

  @Test
  void reportsTheLargestTapeOfAllWorkers() {
    say(Kind.STEP, 0, Reports.step(1, 5));
    say(Kind.TAPE, 0, 9L);
    say(Kind.STEP, 0, Reports.step(2, 6));

    assertThat(heard).containsExactly("step 1 tape 5", "step 2 tape 9");
  }

  @Test
  void dropsWhatAnEarlierAttemptStillSays() {
    say(Kind.START, 1, new RunStart(1, 2, 20, 10, 100, 0));
    say(Kind.STEP, 0, Reports.step(17, 5));
    say(Kind.STEP, 1, Reports.step(1, 5));

    assertThat(heard).containsExactly("start 1 of 20", "step 1 tape 5");
  }

  @Test
  void remembersTheFirstFailure() {
    assertThat(say(Kind.FIRST_FAILURE, 0, null)).isEmpty();
    Failure first = new Failure(1, "b", "the loss is NaN");
    say(Kind.FAILURE, 0, first);
    say(Kind.FAILURE, 0, new Failure(0, "a", "lost worker 1"));

    String answer = say(Kind.FIRST_FAILURE, 0, null);
    assertThat(ProgressMessage.parse(answer).body(Failure.class)).isEqualTo(first);
    assertThat(receiver.firstFailure()).contains(first);
  }
}
