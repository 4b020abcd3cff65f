package io.github.sparklorafa.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The README's command, as a user types it. */
@Tag("spark")
class DemoCommandTest {
  private static final long LIMIT_SECONDS = 420;
  private static final Path SCRIPT =
      Path.of(System.getProperty("spark-lorafa.repository"), "bin", "spark-lorafa");

  @Test
  void modelLearnsTicketsOnTwoExecutors(@TempDir Path folder) throws Exception {
    String output = run(folder, SCRIPT.toString(), "demo", "--output", "shown");

    assertThat(right(output, "before")).isLessThanOrEqualTo(2);
    assertThat(right(output, "after")).as(output).isGreaterThanOrEqualTo(180);
    assertThat(output).contains("on 2 workers").doesNotContain("\u001b");
    assertThat(folder.resolve("shown/adapter/adapter_model.safetensors")).isNotEmptyFile();
    assertThat(folder.resolve("shown/adapter/adapter_config.json")).isNotEmptyFile();
    for (String method : new String[] {"full fine-tuning", "LoRA ", "LoRA-FA \\(this run\\)"}) {
      assertMeasuredAsPlanned(output, method);
    }
  }

  /** A line of the table: name, trained, by formula, measured, sent. */
  private static void assertMeasuredAsPlanned(String output, String method) {
    Matcher line =
        Pattern.compile("(?m)^" + method + " +[\\d,]+ +([\\d,]+) +([\\d,]+) +[\\d,]+$")
            .matcher(output);
    assertThat(line.find()).as(method + " in\n" + output).isTrue();
    assertThat(line.group(2)).as(method).isEqualTo(line.group(1));
  }

  private static int right(String output, String when) {
    Matcher line =
        Pattern.compile("(?m)^Exactly right " + when + ": +(\\d+) of 200 ").matcher(output);
    assertThat(line.find()).as(output).isTrue();
    return Integer.parseInt(line.group(1));
  }

  private static String run(Path folder, String... command)
      throws IOException, InterruptedException {
    File log = folder.resolve("output.txt").toFile();
    Process process =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(log)
            .start();
    boolean ended = process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS);
    if (!ended) {
      process.descendants().forEach(ProcessHandle::destroy);
      process.destroy();
    }
    String output = Files.readString(log.toPath());
    assertThat(ended).as("ended in time:\n" + output).isTrue();
    assertThat(process.exitValue()).as(output).isZero();
    return output;
  }
}
