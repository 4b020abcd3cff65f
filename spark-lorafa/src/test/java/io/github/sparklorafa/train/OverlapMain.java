package io.github.sparklorafa.train;

import io.github.sparklorafa.collective.Communicator;
import io.github.sparklorafa.collective.GlooEndpoint;
import io.github.sparklorafa.collective.WireDType;
import io.github.sparklorafa.lora.Method;
import io.github.sparklorafa.model.LlamaConfig;
import io.github.sparklorafa.nn.Parameter;
import io.github.sparklorafa.tensor.DType;
import io.github.sparklorafa.tensor.Natives;
import io.github.sparklorafa.tensor.Scope;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.NoGradGuard;

/**
 * How much of the all-reduce is hidden behind the backward pass: workers on Gloo over the loopback
 * device, whose rate {@code tc} may limit, with the parameters of a LLaMA. The backward pass is one
 * of sleeps, in which the gradients become final one after the other, so that its time is the same
 * beside anything else that the machine does. Arguments: method, layers, milliseconds of the
 * backward pass, wire dtype, rounds, workers (2). Each round takes a step whose bucket leaves after
 * the backward pass and one whose bucket leaves during it; one line of JSON has the medians.
 */
final class OverlapMain {
  private OverlapMain() {}

  private record Step(double seconds, GradientSum.Time time) {
    double sum() {
      return time.seconds();
    }

    double exposed() {
      return time.exposed();
    }
  }

  public static void main(String[] args) throws ExecutionException, InterruptedException {
    Natives.load(1);
    int count = args.length > 5 ? Integer.parseInt(args[5]) : 2;
    List<GlooEndpoint> endpoints =
        IntStream.range(0, count)
            .mapToObj(rank -> GlooEndpoint.open("127.0.0.1", rank, count, Duration.ofMinutes(5)))
            .toList();
    List<String> offers = endpoints.stream().map(GlooEndpoint::offer).toList();
    List<CompletableFuture<String>> workers = new ArrayList<>();
    for (GlooEndpoint endpoint : endpoints) {
      CompletableFuture<String> line = new CompletableFuture<>();
      workers.add(line);
      new Thread(
              () -> {
                try (Communicator communicator = endpoint.connect(offers)) {
                  line.complete(run(communicator, args));
                } catch (RuntimeException | Error | InterruptedException e) {
                  line.completeExceptionally(e);
                }
              })
          .start();
    }
    String line = workers.get(0).get();
    for (CompletableFuture<String> worker : workers) {
      worker.get();
    }
    System.out.println(line);
  }

  private static String run(Communicator communicator, String[] args) throws InterruptedException {
    TrainConfig config =
        TrainConfig.builder()
            .model("random")
            .data("random")
            .output("none")
            .method(Method.parse(args[0]))
            .dtype(DType.BF16)
            .workers(communicator.size())
            .synchronisation(s -> s.withWireDtype(args[3]))
            .build();
    LlamaConfig shape =
        new LlamaConfig(
            8_000, 768, 2048, Integer.parseInt(args[1]), 12, 12, 64, 1e-5, 10_000, false, 1 << 16);
    WireDType wire = config.synchronisation().wireDtype();
    try (Scope scope = new Scope();
        NoGradGuard noGrad = new NoGradGuard();
        TrainedModel trained =
            TrainedModel.of(config, shape, new Benchmark.RandomWeights(config.dtype()));
        GradientSum after =
            new GradientSum(
                trained.trainables(),
                communicator,
                e -> {},
                wire,
                OptionalLong.of(trained.trainables().count()));
        GradientSum during =
            new GradientSum(
                trained.trainables(), communicator, e -> {}, wire, OptionalLong.empty())) {
      long backwardNanos = Long.parseLong(args[2]) * 1_000_000;
      List<Step> off = new ArrayList<>();
      List<Step> on = new ArrayList<>();
      for (int round = 0; round <= Integer.parseInt(args[4]); round++) {
        Step first = step(trained, after, backwardNanos);
        Step second = step(trained, during, backwardNanos);
        if (round > 0) {
          off.add(first);
          on.add(second);
        }
      }
      return String.format(
          Locale.ROOT,
          "{\"run\": \"%s\", \"bucket_bytes\": %d, \"step_after\": %.3f, \"sum_after\": %.3f,"
              + " \"step_during\": %.3f, \"sum_during\": %.3f, \"exposed_during\": %.3f}",
          String.join(",", args),
          trained.trainables().bucketBytes(),
          median(off, Step::seconds),
          median(off, Step::sum),
          median(on, Step::seconds),
          median(on, Step::sum),
          median(on, Step::exposed));
    }
  }

  private static Step step(TrainedModel trained, GradientSum sum, long backwardNanos)
      throws InterruptedException {
    long began = System.nanoTime();
    trained.trainables().clear();
    sum.begin();
    List<Parameter> ready =
        trained.trainables().parameters().stream().sorted(Parameter.BY_READINESS).toList();
    long numbers = 0;
    for (Parameter parameter : ready) {
      numbers += parameter.count();
      double share = (double) numbers / trained.trainables().count();
      LockSupport.parkNanos(began + (long) (backwardNanos * share) - System.nanoTime());
      parameter.userDone();
    }
    trained.trainables().putLoss(0, 1, 1);
    GradientSum.Time time = sum.finish();
    return new Step((System.nanoTime() - began) / 1e9, time);
  }

  private static double median(List<Step> steps, ToDoubleFunction<Step> what) {
    double[] sorted = steps.stream().mapToDouble(what).sorted().toArray();
    return Arrays.stream(sorted).skip(sorted.length / 2).findFirst().orElse(Double.NaN);
  }
}
