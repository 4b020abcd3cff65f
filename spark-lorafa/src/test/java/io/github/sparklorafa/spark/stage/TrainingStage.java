package io.github.sparklorafa.spark.stage;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerStageSubmitted;
import org.apache.spark.scheduler.SparkListenerTaskStart;

/** Where the workers of the training stage run, attempt by attempt. */
abstract class TrainingStage extends SparkListener {
  private final Map<Integer, String> executors = new ConcurrentHashMap<>();
  private volatile int stage = -1;

  /** The first stage of the job that trains. */
  @Override
  public void onStageSubmitted(SparkListenerStageSubmitted event) {
    String group = event.properties().getProperty("spark.jobGroup.id", "");
    if (stage < 0 && group.startsWith("spark-lorafa-")) {
      stage = event.stageInfo().stageId();
    }
    if (event.stageInfo().stageId() == stage) {
      executors.clear();
    }
  }

  @Override
  public void onTaskStart(SparkListenerTaskStart event) {
    if (event.stageId() == stage) {
      executors.put(event.taskInfo().index(), event.taskInfo().executorId());
      if (executors.size() == 2) {
        onAttempt(event.stageAttemptId());
      }
    }
  }

  /** Both workers have begun. */
  abstract void onAttempt(int attempt);

  ProcessHandle worker(int rank) {
    return Executors.withId(executors.get(rank));
  }

  String executor(int rank) {
    return executors.get(rank);
  }
}
