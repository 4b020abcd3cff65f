package io.github.sparklorafa.collective;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Gloo between processes; this test plays the rendezvous over their standard streams. */
@Timeout(120)
class GlooProcessesTest {
  private static final int COUNT = 8_000_000;
  private static final int ROUNDS = 5;

  /**
   * One worker process: prints its offer, reads all offers, sums {@link #ROUNDS} times or for ever.
   */
  public static final class Worker {
    private Worker() {}

    public static void main(String[] args) throws IOException {
      int rank = Integer.parseInt(args[0]);
      int size = Integer.parseInt(args[1]);
      BufferedReader in =
          new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
      GlooEndpoint endpoint = GlooEndpoint.open("127.0.0.1", rank, size, Duration.ofSeconds(60));
      System.out.println(endpoint.offer());
      List<String> offers = Arrays.asList(in.readLine().split(" "));
      try (Communicator communicator = endpoint.connect(offers);
          Floats floats = new Floats(COUNT)) {
        for (int round = 0; args.length > 2 || round < ROUNDS; round++) {
          floats.fill(rank);
          communicator.sum(floats.view());
          if (round == 0) {
            System.out.println(Arrays.hashCode(floats.copy()) + " " + floats.copy()[1012]);
          }
        }
        System.out.println("done");
      } catch (CollectiveException e) {
        System.out.println("failed: " + e.getMessage());
      }
    }
  }

  @Test
  void sendsTwiceTheBucketTimesSizeMinusOneOverSize() throws Exception {
    for (int size = 2; size <= 3; size++) {
      List<Peer> peers = start(size);
      long before = loopbackBytes();
      List<String> sums = exchange(peers);
      for (Peer peer : peers) {
        assertThat(peer.out().readLine()).isEqualTo("done");
      }
      double perRank = (loopbackBytes() - before) / (double) size / ROUNDS;

      assertThat(sums).containsOnly(sums.get(0));
      double expected = 2.0 * (size - 1) / size * COUNT * Float.BYTES;
      assertThat(perRank / expected).isBetween(0.99, 1.05);
    }
  }

  @Test
  void aKilledProcessFailsTheOthersWithinSecondsByItsName() throws Exception {
    List<Peer> peers = start(3, "forever");
    exchange(peers);
    long start = System.nanoTime();

    peers.get(1).process().destroyForcibly();

    for (int rank = 0; rank < 3; rank += 2) {
      assertThat(peers.get(rank).out().readLine())
          .startsWith("failed: Cannot sum over workers: rank " + rank + " lost rank 1");
    }
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(5));
  }

  private record Peer(Process process, BufferedReader out) {}

  private static List<Peer> start(int size, String... more) throws IOException {
    List<Peer> peers = new ArrayList<>();
    for (int rank = 0; rank < size; rank++) {
      List<String> command =
          new ArrayList<>(
              List.of(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "-cp",
                  System.getProperty("java.class.path"),
                  Worker.class.getName(),
                  "" + rank,
                  "" + size));
      command.addAll(List.of(more));
      Process process =
          new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
      peers.add(
          new Peer(
              process,
              new BufferedReader(
                  new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))));
    }
    return peers;
  }

  private static List<String> exchange(List<Peer> peers) throws IOException {
    List<String> offers = new ArrayList<>();
    for (Peer peer : peers) {
      offers.add(peer.out().readLine());
    }
    for (Peer peer : peers) {
      PrintWriter in =
          new PrintWriter(peer.process().getOutputStream(), true, StandardCharsets.UTF_8);
      in.println(String.join(" ", offers));
    }
    List<String> sums = new ArrayList<>();
    for (Peer peer : peers) {
      sums.add(peer.out().readLine());
    }
    return sums;
  }

  /** Bytes that the loopback device has sent so far. */
  private static long loopbackBytes() throws IOException {
    return Files.readAllLines(Path.of("/proc/net/dev")).stream()
        .map(String::trim)
        .filter(line -> line.startsWith("lo:"))
        .mapToLong(line -> Long.parseLong(line.substring(3).trim().split("\\s+")[8]))
        .findFirst()
        .orElseThrow();
  }
}
