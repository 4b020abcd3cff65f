package io.github.sparklorafa.spark.stage;

import io.github.sparklorafa.checkpoint.RemoteFolder;
import io.github.sparklorafa.checkpoint.TrainingCheckpoints;
import io.github.sparklorafa.collective.CollectiveException;
import io.github.sparklorafa.collective.Communicator;
import io.github.sparklorafa.collective.Endpoint;
import io.github.sparklorafa.data.TokenStore;
import io.github.sparklorafa.spark.progress.Failure;
import io.github.sparklorafa.spark.progress.ProgressSender;
import io.github.sparklorafa.spark.stage.Rendezvous.Introduction;
import io.github.sparklorafa.tensor.Natives;
import io.github.sparklorafa.train.TrainInputs;
import io.github.sparklorafa.train.TrainListener;
import io.github.sparklorafa.train.TrainSummary;
import io.github.sparklorafa.train.Trainer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.BarrierTaskContext;
import org.apache.spark.SparkEnv;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One worker's life in a task: fetch, meet the others, train, hand the result over.
 *
 * <p>What trying again can't cure comes back as a result with a failure. Exceptions are left for
 * what it may cure, a lost executor or peer: they fail the task, and Spark starts the stage again.
 */
final class Worker {
  private static final Logger LOG = LoggerFactory.getLogger(Worker.class);

  private final WorkerPlan plan;
  private final Configuration hadoop;
  private final BarrierTaskContext task;
  private final int workerRank;
  private final String executor;
  private final String host;
  private final ProgressSender progress;

  Worker(WorkerPlan plan, Configuration hadoop, BarrierTaskContext task) {
    this.plan = plan;
    this.hadoop = hadoop;
    this.task = task;
    this.workerRank = task.partitionId();
    this.executor = SparkEnv.get().executorId();
    this.host = SparkEnv.get().blockManager().blockManagerId().host();
    this.progress = ProgressSender.open(plan.progress(), task.stageAttemptNumber());
  }

  /** What a worker has on its disk before it meets the others, or why it hasn't. */
  private record Prepared(TrainInputs inputs, Endpoint endpoint, String problem) {
    String offer() {
      return endpoint == null ? "" : endpoint.offer();
    }

    String checksums() {
      return inputs == null
          ? ""
          : inputs.data().checksum() + inputs.evalData().map(e -> " " + e.checksum()).orElse("");
    }

    void closeEndpoint() {
      if (endpoint != null) {
        endpoint.close();
      }
    }
  }

  WorkerResult run() {
    Prepared prepared = prepare();
    Introduction self =
        new Introduction(
            workerRank,
            executor,
            host,
            ProcessHandle.current().pid(),
            prepared.checksums(),
            prepared.offer(),
            prepared.problem());
    progress.ready(workerRank);
    Rendezvous rendezvous = Rendezvous.meet(task, self);
    Optional<Introduction> refusal = rendezvous.refusal(plan.allWorkersInOneProcess());
    if (refusal.isPresent()) {
      prepared.closeEndpoint();
      Introduction refused = refusal.get();
      return failed(new Failure(refused.workerRank(), refused.host(), refused.problem()));
    }
    LOG.info("Worker {} trains in executor {} on {}", workerRank, executor, host);
    try (Endpoint endpoint = prepared.endpoint();
        Communicator communicator = endpoint.connect(rendezvous.offers(), rendezvous.names());
        Watchdog watchdog = Watchdog.over(task, communicator)) {
      return train(prepared.inputs(), communicator);
    }
  }

  private Prepared prepare() {
    try {
      Natives.load(task.cpus());
      TrainInputs inputs = inputs();
      return new Prepared(inputs, Endpoints.open(plan.transport(), task), "");
    } catch (IOException | RuntimeException | LinkageError | OutOfMemoryError e) {
      LOG.error("Worker {} can't begin", workerRank, e);
      return new Prepared(null, null, Causes.text(e));
    }
  }

  private TrainInputs inputs() throws IOException {
    Path folders = ExecutorFiles.folder("folders");
    Path stores = ExecutorFiles.folder("stores");
    Path model = RemoteFolder.fetch(plan.model(), folders, hadoop);
    Optional<Path> initAdapter =
        plan.initAdapter().isEmpty()
            ? Optional.empty()
            : Optional.of(RemoteFolder.fetch(plan.initAdapter(), folders, hadoop));
    TokenStore data = fetched(plan.data(), stores);
    Optional<TokenStore> evalData =
        plan.evalData().isEmpty()
            ? Optional.empty()
            : Optional.of(fetched(plan.evalData(), stores));
    Path output =
        Files.createTempDirectory(ExecutorFiles.folder("results"), "worker").resolve("result");
    return new TrainInputs(
        plan.config(), model, initAdapter, data, evalData, output, checkpoints(), resumeFrom());
  }

  private Optional<TrainingCheckpoints> checkpoints() {
    return Optional.of(plan.checkpoints())
        .filter(folder -> !folder.isEmpty())
        .map(folder -> TrainingCheckpoints.in(folder, hadoop));
  }

  /** A retried stage goes on from what the attempt before it wrote, whatever a new run may do. */
  private List<TrainingCheckpoints> resumeFrom() {
    Stream<TrainingCheckpoints> own =
        task.stageAttemptNumber() > 0 ? checkpoints().stream() : Stream.empty();
    Stream<TrainingCheckpoints> given =
        Stream.of(plan.resumeFrom())
            .filter(location -> !location.isEmpty())
            .map(location -> TrainingCheckpoints.at(location, hadoop));
    return Stream.concat(own, given).toList();
  }

  private TokenStore fetched(String store, Path stores) throws IOException {
    String name = plan.progress() + "-" + new org.apache.hadoop.fs.Path(store).getName();
    return TokenStore.fetch(hadoop, store, stores.resolve(name));
  }

  private WorkerResult train(TrainInputs inputs, Communicator communicator) {
    try {
      List<TrainListener> listeners = List.of(progress.listener(), tellingFailures());
      TrainSummary summary = new Trainer(inputs, communicator, listeners).run();
      String manifest =
          workerRank == 0 ? RemoteFolder.upload(inputs.outputFolder(), staging(), hadoop) : "";
      progress.flush();
      return new WorkerResult(workerRank, task.stageAttemptNumber(), summary, manifest, null);
    } catch (CollectiveException e) {
      return afterLostPeer(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CollectiveException(
          "Cannot go on: Spark ended the task of rank "
              + workerRank
              + " (see why the job or its stage ended)",
          e);
    } catch (RuntimeException | Error e) {
      if (task.isInterrupted()) {
        throw e;
      }
      LOG.error("Worker {} can't go on", workerRank, e);
      return failed(told(e));
    }
  }

  /** Before the communicator ends, so that the others find the cause when they miss this one. */
  private Failure told(Throwable cause) {
    Failure failure = new Failure(workerRank, host, Causes.text(cause));
    progress.failure(failure);
    return failure;
  }

  private TrainListener tellingFailures() {
    return new TrainListener() {
      @Override
      public void onFailure(Throwable cause) {
        if (!task.isInterrupted()) {
          told(cause);
        }
      }
    };
  }

  /** A peer that gave up has told the driver why; one that was lost has not. */
  private WorkerResult afterLostPeer(CollectiveException e) {
    Optional<Failure> cause = progress.firstFailure();
    if (cause.isPresent() && !task.isInterrupted()) {
      return failed(cause.get());
    }
    throw e;
  }

  /** Each attempt has its own folder: the last one's may be half full. */
  private String staging() {
    return plan.staging() + "-" + task.stageAttemptNumber();
  }

  private WorkerResult failed(Failure failure) {
    return new WorkerResult(workerRank, task.stageAttemptNumber(), null, "", failure);
  }
}
