package io.github.sparklorafa.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.sparklorafa.spark.stage.Finding;
import io.github.sparklorafa.spark.stage.Finding.Level;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import org.junit.jupiter.api.Test;

class DoctorCommandTest {
  private static final Finding GOOD = new Finding("driver", "Java", Level.OK, "17");
  private static final Finding BAD =
      new Finding("executor 0 on h", "memory", Level.PROBLEM, "Cannot fit (add some)");

  @Test
  void aProblemDecidesTheExitStatus() {
    StringWriter out = new StringWriter();
    assertThat(DoctorCommand.print(List.of(GOOD, BAD), new PrintWriter(out)))
        .isEqualTo(Main.FAILURE);
    assertThat(out.toString())
        .isEqualToNormalizingNewlines(
            """
            driver
              ok       Java             17
            executor 0 on h
              problem  memory           Cannot fit (add some)
            Problems: 1
            """);
    assertThat(DoctorCommand.print(List.of(GOOD), new PrintWriter(out))).isEqualTo(Main.OK);
  }
}
