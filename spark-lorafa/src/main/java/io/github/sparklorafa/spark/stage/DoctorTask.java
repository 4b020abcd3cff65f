package io.github.sparklorafa.spark.stage;

import io.github.sparklorafa.collective.Communicator;
import io.github.sparklorafa.collective.Endpoint;
import io.github.sparklorafa.train.Transport;
import java.io.Serializable;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.BarrierTaskContext;
import org.apache.spark.SparkEnv;
import org.apache.spark.util.SerializableConfiguration;
import scala.collection.Iterator;
import scala.collection.JavaConverters;
import scala.runtime.AbstractFunction1;

/** Looks at one executor, and tries to reach all others from it. */
final class DoctorTask extends AbstractFunction1<Iterator<Integer>, Iterator<String>>
    implements Serializable {
  private static final long serialVersionUID = 1L;

  /** In the place of an offer, where there is none. */
  private static final String NONE = "none";

  private final String model;
  private final Transport transport;
  private final SerializableConfiguration hadoop;

  DoctorTask(String model, Transport transport, SerializableConfiguration hadoop) {
    this.transport = transport;
    this.model = model;
    this.hadoop = hadoop;
  }

  @Override
  public Iterator<String> apply(Iterator<Integer> ignored) {
    BarrierTaskContext task = BarrierTaskContext.get();
    String host = SparkEnv.get().blockManager().blockManagerId().host();
    Findings findings = new Findings("executor " + SparkEnv.get().executorId() + " on " + host);
    MachineCheck.run(task.cpus(), model, hadoop.value(), findings);
    reach(task, transport, findings);
    return JavaConverters.asScalaIterator(
        List.of(StageJson.write(findings.all().toArray(Finding[]::new))).iterator());
  }

  /** As training meets: all listen, tell where, and connect to each other. */
  private static void reach(BarrierTaskContext task, Transport transport, Findings findings) {
    Endpoint[] endpoint = new Endpoint[1];
    findings.check(
        "network address",
        () -> {
          endpoint[0] = Endpoints.open(transport, task);
          return "listens on " + Endpoints.address();
        });
    String[] offers = task.allGather(endpoint[0] == null ? NONE : endpoint[0].offer());
    if (Arrays.asList(offers).contains(NONE)) {
      close(endpoint[0]);
      return;
    }
    findings.check("network", () -> connected(endpoint[0], offers, task));
  }

  /** Waits for the others in any case: who hangs up early would look broken to its neighbours. */
  private static String connected(Endpoint endpoint, String[] offers, BarrierTaskContext task) {
    Communicator communicator;
    try {
      List<String> names =
          IntStream.range(0, offers.length).mapToObj(rank -> "rank " + rank).toList();
      communicator = endpoint.connect(List.of(offers), names);
    } catch (RuntimeException e) {
      endpoint.close();
      throw e;
    } finally {
      task.barrier();
    }
    try (communicator) {
      return "reaches the others of %d executors".formatted(communicator.size());
    }
  }

  private static void close(Endpoint endpoint) {
    if (endpoint != null) {
      endpoint.close();
    }
  }
}
