package io.github.sparklorafa.spark.stage;

import io.github.sparklorafa.spark.progress.ProgressReceiver;
import io.github.sparklorafa.train.TrainingException;
import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;
import org.apache.spark.SparkContext;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.rdd.RDD;
import org.apache.spark.resource.ResourceProfileBuilder;
import org.apache.spark.resource.TaskResourceRequests;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.util.SerializableConfiguration;
import scala.reflect.ClassTag;
import scala.reflect.ClassTag$;

/** The barrier stage that all workers run in. */
final class BarrierStage {
  private static final ClassTag<String> STRING = ClassTag$.MODULE$.apply(String.class);
  private static final String JOB_GROUP = "spark.jobGroup.id";

  private BarrierStage() {}

  /**
   * Runs the workers and waits for them, over as many attempts as Spark allows.
   *
   * @throws TrainingException with the first cause, if the stage fails
   */
  static List<WorkerResult> run(
      SparkSession spark, JobPlan plan, WorkerPlan worker, ProgressReceiver progress) {
    SparkContext context = spark.sparkContext();
    String group = "spark-lorafa-" + UUID.randomUUID();
    String outerGroup = context.getLocalProperty(JOB_GROUP);
    context.setJobGroup(group, "spark-lorafa: train", false);
    BarrierTimer.endWith(context);
    try (StageWatch watch = StageWatch.over(context, group, progress)) {
      try {
        return workers(context, plan, worker).collect().stream()
            .map(json -> StageJson.read(json, WorkerResult.class))
            .toList();
      } catch (Exception e) { // SparkException is checked, but Scala doesn't say so
        throw failure(e, watch, progress);
      }
    } finally {
      context.clearJobGroup();
      context.setLocalProperty(JOB_GROUP, outerGroup);
    }
  }

  /**
   * The shuffle at the end makes the barrier stage a map stage: Spark starts only such a stage
   * again when an executor is lost.
   */
  private static JavaRDD<String> workers(SparkContext context, JobPlan plan, WorkerPlan worker) {
    int size = plan.config().workers();
    List<Integer> ranks = IntStream.range(0, size).boxed().toList();
    WorkerTask task = new WorkerTask(worker, new SerializableConfiguration(plan.hadoop()));
    RDD<String> results =
        JavaSparkContext.fromSparkContext(context)
            .parallelize(ranks, size)
            .rdd()
            .barrier()
            .mapPartitions(task, false, STRING);
    int cpus = plan.cluster().cpusForOneWorkerEach();
    if (cpus > 0) {
      TaskResourceRequests request = new TaskResourceRequests().cpus(cpus);
      results = results.withResources(new ResourceProfileBuilder().require(request).build());
    }
    return JavaRDD.fromRDD(results, STRING).repartition(1);
  }

  private static TrainingException failure(
      Exception e, StageWatch watch, ProgressReceiver progress) {
    String cause =
        progress
            .firstFailure()
            .map(Object::toString)
            .or(watch::verdict)
            .orElseGet(() -> Causes.text(e).lines().findFirst().orElse(""));
    TrainingException failure = new TrainingException("Cannot train: " + cause);
    failure.initCause(e);
    return failure;
  }
}
