package io.github.sparklorafa.spark.progress;

import io.github.sparklorafa.spark.progress.ProgressMessage.Kind;
import io.github.sparklorafa.train.EvaluationReport;
import io.github.sparklorafa.train.ProgressListener;
import io.github.sparklorafa.train.RunStart;
import io.github.sparklorafa.train.StepReport;
import io.github.sparklorafa.train.WorkerReport;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;
import org.apache.spark.SparkEnv;
import org.apache.spark.rpc.RpcEndpointRef;
import org.apache.spark.rpc.RpcEnv;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The driver's end: hands what workers report to listeners, and remembers the first failure.
 *
 * <p>Spark's dispatcher calls it, one message after the other.
 */
public final class ProgressReceiver implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ProgressReceiver.class);

  private final String name = "spark-lorafa-progress-" + UUID.randomUUID();
  private final List<ProgressListener> listeners;
  private final RpcEnv rpcEnv;
  private RpcEndpointRef endpoint;
  private int attempt;
  private long tapeBytes;
  private Failure firstFailure;
  private Arrivals arrivals = (ofAttempt, workerRank) -> {};

  /** Hears which workers have all that they need to begin. */
  @FunctionalInterface
  public interface Arrivals {
    /** A worker of an attempt of the stage is ready. */
    void ready(int ofAttempt, int workerRank);
  }

  ProgressReceiver(List<ProgressListener> listeners, RpcEnv rpcEnv) {
    this.listeners = List.copyOf(listeners);
    this.rpcEnv = rpcEnv;
  }

  /** Starts to receive, in the driver of the running Spark application. */
  public static ProgressReceiver open(List<ProgressListener> listeners) {
    RpcEnv rpcEnv = SparkEnv.get().rpcEnv();
    ProgressReceiver receiver = new ProgressReceiver(listeners, rpcEnv);
    receiver.endpoint =
        rpcEnv.setupEndpoint(receiver.name, new ProgressEndpoint(rpcEnv, receiver::answer));
    return receiver;
  }

  /** What a {@link ProgressSender} needs to find this receiver. */
  public String name() {
    return name;
  }

  /** The first failure that a worker reported. */
  public synchronized Optional<Failure> firstFailure() {
    return Optional.ofNullable(firstFailure);
  }

  /** From now on tells {@code hearing} of workers that are ready. */
  public synchronized void onArrival(Arrivals hearing) {
    arrivals = hearing;
  }

  /** Hands a note of the driver's own to the listeners. */
  public synchronized void note(String note) {
    tell(listener -> listener.onNote(note));
  }

  /** Receives no more and tells the listeners that it is over. */
  @Override
  public void close() {
    rpcEnv.stop(endpoint);
    tell(ProgressListener::onEnd);
  }

  synchronized String answer(String json) {
    ProgressMessage message = ProgressMessage.parse(json);
    if (message.kind() == Kind.START) {
      attempt = Math.max(attempt, message.attempt());
    }
    if (message.attempt() < attempt) {
      return "";
    }
    switch (message.kind()) {
      case START -> {
        RunStart start = message.body(RunStart.class);
        tell(listener -> listener.onStart(start));
      }
      case STEP -> {
        StepReport report = withLargestTape(message.body(StepReport.class));
        tell(listener -> listener.onStep(report));
      }
      case TAPE -> tapeBytes = Math.max(tapeBytes, message.body(Long.class));
      case EVALUATION -> {
        EvaluationReport report = message.body(EvaluationReport.class);
        tell(listener -> listener.onEvaluation(report));
      }
      case CHECKPOINT -> {
        long step = message.body(Long.class);
        tell(listener -> listener.onCheckpoint(step));
      }
      case WORKER -> {
        WorkerReport report = message.body(WorkerReport.class);
        tell(listener -> listener.onWorker(report));
      }
      case NOTE -> note(message.body(String.class));
      case READY -> {
        int worker = message.body(Integer.class);
        arrivals.ready(message.attempt(), worker);
      }
      case FAILURE -> {
        Failure failure = message.body(Failure.class);
        firstFailure = firstFailure == null ? failure : firstFailure;
      }
      case FIRST_FAILURE -> {
        return firstFailure == null
            ? ""
            : ProgressMessage.of(Kind.FAILURE, attempt, firstFailure).json();
      }
      case FLUSH -> LOG.debug("All reports of attempt {} are here", attempt);
    }
    return "";
  }

  private StepReport withLargestTape(StepReport report) {
    tapeBytes = Math.max(tapeBytes, report.tapeBytes());
    return report.withTapeBytes(tapeBytes);
  }

  private void tell(Consumer<ProgressListener> event) {
    for (ProgressListener listener : listeners) {
      try {
        event.accept(listener);
      } catch (RuntimeException e) {
        LOG.warn("{} failed; training goes on", listener.getClass().getName(), e);
      }
    }
  }
}
