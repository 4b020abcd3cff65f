package io.github.sparklorafa.spark.stage;

import io.github.sparklorafa.collective.Communicator;
import io.github.sparklorafa.collective.GlooEndpoint;
import java.io.Serializable;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
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
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  /** In the place of an offer, where there is none. */
  private static final String NONE = "none";

  private final String model;
  private final SerializableConfiguration hadoop;

  DoctorTask(String model, SerializableConfiguration hadoop) {
    this.model = model;
    this.hadoop = hadoop;
  }

  @Override
  public Iterator<String> apply(Iterator<Integer> ignored) {
    BarrierTaskContext task = BarrierTaskContext.get();
    String host = SparkEnv.get().blockManager().blockManagerId().host();
    Findings findings = new Findings("executor " + SparkEnv.get().executorId() + " on " + host);
    MachineCheck.run(task.cpus(), model, hadoop.value(), findings);
    reach(task, host, findings);
    return JavaConverters.asScalaIterator(
        List.of(StageJson.write(findings.all().toArray(Finding[]::new))).iterator());
  }

  /** As training meets: all listen, tell where, and connect to each other. */
  private static void reach(BarrierTaskContext task, String host, Findings findings) {
    String address = host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
    GlooEndpoint[] endpoint = new GlooEndpoint[1];
    findings.check(
        "network address",
        () -> {
          endpoint[0] =
              GlooEndpoint.open(address, task.partitionId(), task.numPartitions(), PATIENCE);
          return "listens on " + address;
        });
    String[] offers = task.allGather(endpoint[0] == null ? NONE : endpoint[0].offer());
    if (Arrays.asList(offers).contains(NONE)) {
      close(endpoint[0]);
      return;
    }
    findings.check("network", () -> connected(endpoint[0], offers, task));
  }

  /** Waits for the others in any case: who hangs up early would look broken to its neighbours. */
  private static String connected(GlooEndpoint endpoint, String[] offers, BarrierTaskContext task) {
    Communicator communicator;
    try {
      communicator = endpoint.connect(List.of(offers));
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

  private static void close(GlooEndpoint endpoint) {
    if (endpoint != null) {
      endpoint.close();
    }
  }
}
