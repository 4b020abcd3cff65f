package io.github.sparklorafa.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class BenchCommandTest {
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private int run(String... args) {
    CommandLine commandLine = Main.commandLine();
    commandLine.setOut(new PrintWriter(out));
    commandLine.setErr(new PrintWriter(err));
    String[] all = new String[args.length + 1];
    all[0] = "bench";
    System.arraycopy(args, 0, all, 1, args.length);
    return commandLine.execute(all);
  }

  /** What each keeps follows from the shape, so the columns are seen to be those of their rows. */
  @Test
  void setsMethodsSideBySide() {
    int code =
        run(
            "--method=lora-fa,lora",
            "--layers=1",
            "--sequences=1",
            "--length=16",
            "--threads=1",
            "--rounds=1",
            "--steps=1");
    assertThat(code).as(err.toString()).isEqualTo(Main.OK);
    // e (2H + Q + 2K + 2F + 7r) + 8 a token, but for the lowest norm, and the last norm instead.
    long loraFa = 2 * (2 * 768 + 3 * 768 + 2 * 2048 + 7 * 8) + 8;
    long inputs = 2 * (3 * 768 + 2048);
    assertThat(out.toString().lines().filter(line -> line.startsWith("lora")))
        .satisfiesExactly(
            line -> assertThat(line).matches("lora-fa .*× +" + mb(loraFa) + " .*"),
            line -> assertThat(line).matches("lora .*× +" + mb(loraFa + inputs) + " .*"));
  }

  /** Full fine-tuning has no frozen base to hold in other bits. */
  @Test
  void printsWhatItMeasuredOfEachBase() throws JsonProcessingException {
    int code =
        run(
            "--method=full,lora-fa",
            "--base-dtype=bf16,nf4",
            "--layers=1",
            "--sequences=1",
            "--length=16",
            "--threads=1",
            "--rounds=1",
            "--steps=1",
            "--json");
    assertThat(code).as(err.toString()).isEqualTo(Main.OK);
    List<String> bases = new ArrayList<>();
    for (String line : out.toString().lines().toList()) {
      JsonNode run = new ObjectMapper().readTree(line);
      bases.add(
          "%s %s %d"
              .formatted(
                  run.get("method").asText(),
                  run.get("base_dtype").asText(),
                  run.get("length").asInt()));
      assertThat(run.get("peak_rss_bytes").asLong()).isGreaterThan(100_000_000);
      assertThat(run.get("losses").get(0).asDouble()).isBetween(10.0, 11.0);
    }
    assertThat(bases).containsExactly("full bf16 16", "lora-fa bf16 16", "lora-fa nf4 16");
  }

  private static String mb(long bytesPerToken) {
    return "%.1f".formatted(16 * bytesPerToken / 1e6).replace(".", "\\.");
  }

  @Test
  void refusesBeforeItStartsAProcess() {
    assertThat(run("--method=lora-fa,lorra")).isEqualTo(Main.BAD_INPUT);
    assertThat(err.toString()).startsWith("Cannot ").contains("lorra");
    assertThat(run("--rank=0")).isEqualTo(Main.BAD_INPUT);
    assertThat(err.toString()).contains("Cannot measure with rank: 0 (");
    assertThat(run("--rounds=0")).isEqualTo(Main.BAD_INPUT);
    assertThat(err.toString()).contains("Cannot measure with rounds: 0 (");
    assertThat(out.toString()).isEmpty();
  }
}
