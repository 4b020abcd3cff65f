package io.github.sparklorafa.bigdl;

import io.github.sparklorafa.bigdl.BigDlCluster.Heard;
import io.github.sparklorafa.train.StepReport;
import io.github.sparklorafa.train.TrainConfig;
import io.github.sparklorafa.train.Transport;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/**
 * Steps of the tiny LLaMA over each transport, in turns: docs/bigdl.md. Arguments: workers, rank,
 * rounds.
 */
final class StepTimes {
  private static final List<Transport> TRANSPORTS =
      List.of(Transport.GLOO, Transport.SPARK, Transport.BIGDL, Transport.BIGDL_FP16);
  private static final int STEPS = 60;
  private static final int WARM_UP = 20;

  private StepTimes() {}

  public static void main(String[] args) throws Exception {
    int workers = Integer.parseInt(args[0]);
    int rank = Integer.parseInt(args[1]);
    int rounds = Integer.parseInt(args[2]);
    Path folder = Files.createTempDirectory("step-times");
    Map<Transport, List<StepReport>> steps = new LinkedHashMap<>();
    try (BigDlCluster cluster = BigDlCluster.start("local-cluster[%d,1,1024]".formatted(workers))) {
      for (int round = 0; round < rounds; round++) {
        for (Transport transport : TRANSPORTS) {
          TrainConfig config =
              BigDlCluster.config(folder.resolve(transport.text() + round))
                  .workers(workers)
                  .rank(rank)
                  .maxSteps(STEPS)
                  .synchronisation(s -> s.with(transport))
                  .build();
          Heard heard = cluster.train(config);
          steps
              .computeIfAbsent(transport, unused -> new ArrayList<>())
              .addAll(heard.steps.subList(WARM_UP, STEPS));
        }
      }
    }
    steps.forEach(
        (transport, all) ->
            System.out.printf(
                Locale.ROOT,
                "%s: %d bytes, step %.2f ms, sum %.2f ms%n",
                transport.text(),
                all.get(0).bucketBytes(),
                1e3 * median(all, StepReport::seconds),
                1e3 * median(all, StepReport::syncSeconds)));
  }

  private static double median(List<StepReport> steps, ToDoubleFunction<StepReport> value) {
    double[] sorted = steps.stream().mapToDouble(value).sorted().toArray();
    return sorted[sorted.length / 2];
  }
}
