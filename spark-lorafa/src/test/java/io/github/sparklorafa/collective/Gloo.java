package io.github.sparklorafa.collective;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;

/** Gloo groups between threads of one process. */
final class Gloo {
  private Gloo() {}

  static List<Communicator> group(int size, Duration timeout) {
    List<GlooEndpoint> endpoints =
        IntStream.range(0, size)
            .mapToObj(rank -> GlooEndpoint.open("127.0.0.1", rank, size, timeout))
            .toList();
    List<String> offers = endpoints.stream().map(GlooEndpoint::offer).toList();
    List<CompletableFuture<Communicator>> ends =
        endpoints.stream()
            .map(
                endpoint ->
                    CompletableFuture.supplyAsync(
                        () -> endpoint.connect(offers), task -> new Thread(task).start()))
            .toList();
    return ends.stream().map(CompletableFuture::join).toList();
  }
}
