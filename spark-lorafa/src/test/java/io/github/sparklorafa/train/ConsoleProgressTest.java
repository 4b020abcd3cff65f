package io.github.sparklorafa.train;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.sparklorafa.train.ConsoleProgress.Style;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ConsoleProgressTest {
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private long seconds;

  private ConsoleProgress console(Style style) {
    PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);
    return new ConsoleProgress(out, style, () -> seconds * 1_000_000_000);
  }

  @Test
  void plainLinesNowAndThen() {
    ConsoleProgress console = console(Style.LINES);
    console.onStart(new RunStart(0, 2, 20, 1000, 40_000, 0));
    for (int step = 1; step <= 3; step++) {
      seconds++;
      console.onStep(Reports.step(step, 0));
    }
    console.onEvaluation(new EvaluationReport(3, 1, 1.5, 0.1, Map.of("bleu", 31.25)));
    console.onEnd();

    assertThat(bytes.toString(StandardCharsets.UTF_8))
        .isEqualTo(
            """
            Training 1,000 of 40,000 parameters: 20 steps on 2 workers
            step 1/20  loss 2.2500  200 tokens/s  0:19 left
            step 3/20  loss 2.2500  200 tokens/s  0:17 left
            step 3  evaluation loss 1.5000  bleu 31.2500
            """);
  }

  @Test
  void aBarOnATerminal() {
    ConsoleProgress console = console(Style.BAR);
    console.onStart(new RunStart(1, 1, 20, 1000, 40_000, 0));
    seconds = 4000;
    console.onStep(Reports.step(10, 0));
    console.onEnd();

    assertThat(bytes.toString(StandardCharsets.UTF_8))
        .isEqualTo(
            "An executor was lost: training starts again\n"
                + "Training 1,000 of 40,000 parameters: 20 steps on 1 worker\n"
                + "\r\u001b[K[############------------] step 10/20  loss 2.2500  200 tokens/s"
                + "  1:06:40 left\n");
  }

  @Test
  void countsTheTimeLeftFromWhereTrainingGoesOn() {
    ConsoleProgress console = console(Style.LINES);
    console.onStart(new RunStart(1, 1, 20, 1000, 40_000, 8));
    seconds = 2;
    console.onStep(Reports.step(10, 0));

    assertThat(bytes.toString(StandardCharsets.UTF_8))
        .startsWith("An executor was lost: training goes on after step 8\n")
        .endsWith("0:10 left\n");
  }
}
