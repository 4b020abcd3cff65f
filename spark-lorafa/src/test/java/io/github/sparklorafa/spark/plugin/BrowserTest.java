package io.github.sparklorafa.spark.plugin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.sparklorafa.spark.progress.RunEvents;
import io.github.sparklorafa.spark.stage.TrainingJob;
import io.github.sparklorafa.train.TrainConfig;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The page of a run as a browser shows it, one that finds no other host than this one. */
@Tag("spark")
@Tag("long")
@Timeout(240)
class BrowserTest {
  /** Whatever of it a page took for its own would change the page's title. */
  private static final String HOSTILE =
      "<img src=x onerror=document.title='owned'><script>document.title='owned'";

  private static final int CURVE = 0x1f6feb;

  @TempDir static Path folder;

  private static String chromium;
  private static SparkSession spark;
  private static String address;

  @BeforeAll
  static void train() {
    chromium =
        Stream.of("chromium", "chromium-browser", "google-chrome")
            .map(name -> Path.of("/usr/bin", name))
            .filter(Files::isExecutable)
            .map(Path::toString)
            .findFirst()
            .orElse("");
    assumeTrue(!chromium.isEmpty(), "no Chromium in /usr/bin");
    spark =
        SparkSession.builder()
            .master("local[1]")
            .appName("BrowserTest")
            .config("spark.driver.host", "127.0.0.1")
            .config("spark.driver.bindAddress", "127.0.0.1")
            .config("spark.plugins", RunEvents.PLUGIN)
            .config("spark.ui.port", "0")
            .getOrCreate();
    Dataset<Row> rows =
        spark
            .range(1, 24, 1, 1)
            .selectExpr(
                "transform(sequence(1, 3 + id % 18), i -> int(1 + (id + i) % 96)) input_ids");
    TrainConfig config =
        TrainConfig.builder()
            .model(Path.of("src/test/resources/reference/llama-gqa").toAbsolutePath().toString())
            .data(HOSTILE)
            .output(folder.resolve("adapter").toString())
            .workers(1)
            .batchSize(5)
            .microBatchSize(5)
            .learningRate(0.01)
            .maxSteps(30)
            .build();
    TrainingJob.run(spark, rows, Optional.empty(), config, List.of());
    String base = spark.sparkContext().uiWebUrl().get();
    Matcher link =
        Pattern.compile("href=\"([^\"]*run/\\?id=[^\"]+)\"").matcher(Pages.get(base + "/lora-fa/"));
    assertThat(link.find()).isTrue();
    address = base + link.group(1);
  }

  @AfterAll
  static void stop() {
    if (spark != null) {
      spark.stop();
    }
  }

  private static String browse(String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of(chromium));
    command.addAll(
        List.of(
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--hide-scrollbars",
            "--user-data-dir=" + folder.resolve("profile"),
            "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
            "--virtual-time-budget=3000"));
    command.addAll(List.of(arguments));
    Path out = folder.resolve("browser.out");
    Process process =
        new ProcessBuilder(command)
            .redirectOutput(out.toFile())
            .redirectError(folder.resolve("browser.err").toFile())
            .start();
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).as("the browser ends").isTrue();
    return Files.readString(out, StandardCharsets.UTF_8);
  }

  @Test
  void hostileNamesAreShownAndDoNothing() throws Exception {
    String dom = browse("--dump-dom", address);

    assertThat(dom).contains("LoRA-FA run").contains("<polyline");
    assertThat(dom).contains("&lt;img src=x onerror=document.title='owned'&gt;&lt;script&gt;");
    assertThat(dom).doesNotContain("<title>owned");
  }

  @Test
  void curvesAreDrawn() throws Exception {
    Path picture = folder.resolve("page.png");
    browse("--window-size=1250,1500", "--screenshot=" + picture, address);

    BufferedImage image = ImageIO.read(picture.toFile());
    int least = image.getWidth();
    int most = 0;
    for (int y = 0; y < image.getHeight(); y++) {
      for (int x = 0; x < image.getWidth(); x++) {
        if ((image.getRGB(x, y) & 0xffffff) == CURVE) {
          least = Math.min(least, x);
          most = Math.max(most, x);
        }
      }
    }
    assertThat(most - least).as("width that curves take, in pixels").isGreaterThan(900);
  }
}
