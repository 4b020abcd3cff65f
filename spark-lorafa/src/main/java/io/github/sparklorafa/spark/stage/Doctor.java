package io.github.sparklorafa.spark.stage;

import io.github.sparklorafa.checkpoint.ModelConfigParser;
import io.github.sparklorafa.spark.stage.Finding.Level;
import io.github.sparklorafa.train.Problems;
import io.github.sparklorafa.train.Transport;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;
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

/** Finds what would go wrong in a run, on the driver and on each executor. */
public final class Doctor {
  private static final ClassTag<String> STRING = ClassTag$.MODULE$.apply(String.class);
  private static final String DRIVER = "driver";

  private Doctor() {}

  /**
   * Looks at the settings, the driver's machine and, in a barrier stage as training has, each
   * executor's. Blocks until all have answered.
   *
   * @param model folder of a checkpoint that all must be able to read; empty for none
   * @param workers that a run would have
   */
  public static List<Finding> examine(SparkSession spark, String model, int workers) {
    SparkContext context = spark.sparkContext();
    Configuration hadoop = spark.sessionState().newHadoopConf();
    // Executors have another working folder.
    String folder = model.isEmpty() ? "" : Locations.qualified(model, hadoop);
    Cluster cluster = Cluster.of(context, workers);
    Findings driver = new Findings(DRIVER);
    versions(spark, driver);
    settings(cluster, workers, driver);
    if (!folder.isEmpty()) {
      driver.check("model type", () -> modelType(folder, hadoop));
    }
    MachineCheck.run(cluster.taskCpus(), folder, hadoop, driver);
    List<Finding> all = new ArrayList<>(driver.all());
    if (!cluster.local()) {
      all.addAll(executors(context, cluster, folder, hadoop));
    }
    return all;
  }

  private static void versions(SparkSession spark, Findings findings) {
    String scalaVersion = scala.util.Properties.versionNumberString();
    boolean known = spark.version().startsWith("3.5.") && scalaVersion.startsWith("2.12.");
    findings.add(
        "Spark",
        known ? Level.OK : Level.PROBLEM,
        known
            ? spark.version() + ", Scala " + scalaVersion
            : "Cannot run on Spark: %s with Scala %s (use Spark 3.5 with Scala 2.12)"
                .formatted(spark.version(), scalaVersion));
  }

  private static void settings(Cluster cluster, int workers, Findings findings) {
    Problems problems = new Problems();
    cluster.check(workers, problems);
    Transport transport = TransportChoice.of(Transport.AUTO, cluster.conf(), workers, problems);
    problems.found().forEach(problem -> findings.add("settings", Level.PROBLEM, problem));
    if (problems.found().isEmpty()) {
      findings.add(
          "settings",
          Level.OK,
          "%d workers have slots, no dynamic allocation, gradients over %s"
              .formatted(workers, transport.text()));
    }
    int cores = cluster.executorCores().stream().mapToInt(Integer::intValue).max().orElse(0);
    if (!cluster.local() && cluster.cpusForOneWorkerEach() == 0 && cores > cluster.taskCpus()) {
      findings.add(
          "spark.task.cpus",
          Level.NOTE,
          "executors have up to %d cores, but a task computes with %d (set spark.task.cpus to the cores of an executor)"
              .formatted(cores, cluster.taskCpus()));
    }
    ExecutorMemory memory = ExecutorMemory.of(cluster.conf());
    findings.add(
        "executor memory",
        Level.OK,
        memory.isLimited()
            ? "heap %d MiB, %d MiB outside it (the plan command says whether that is enough)"
                .formatted(memory.heapBytes() >> 20, memory.overheadBytes() >> 20)
            : "heap %d MiB, no container limits what is outside it"
                .formatted(memory.heapBytes() >> 20));
  }

  private static String modelType(String model, Configuration hadoop) {
    ModelConfigParser.fromJson(Locations.read(model, Locations.MODEL_CONFIG, hadoop));
    return "one that can be trained";
  }

  private static List<Finding> executors(
      SparkContext context, Cluster cluster, String model, Configuration hadoop) {
    int count = cluster.executorCores().size();
    Findings stage = new Findings("executors");
    Problems problems = new Problems();
    cluster.check(1, problems);
    if (count == 0 || !problems.found().isEmpty()) {
      String why = count == 0 ? "no executor is there" : "the settings do not let them";
      return stage
          .add(
              "all", Level.PROBLEM, "Cannot examine executors: %s (mend that first)".formatted(why))
          .all();
    }
    context.setJobDescription("spark-lorafa: doctor");
    try {
      List<Finding> findings = new ArrayList<>();
      for (String json : tasks(context, cluster, count, model, hadoop).collect()) {
        findings.addAll(List.of(StageJson.read(json, Finding[].class)));
      }
      return findings;
    } catch (Exception e) { // SparkException is checked, but Scala doesn't say so
      String why = Causes.text(e).lines().findFirst().orElse("");
      return stage
          .add("all", Level.PROBLEM, "Cannot examine executors: %s (see their logs)".formatted(why))
          .all();
    } finally {
      context.setJobDescription(null);
    }
  }

  /** One task in each executor, where cores allow to ask for that. */
  private static JavaRDD<String> tasks(
      SparkContext context, Cluster cluster, int count, String model, Configuration hadoop) {
    BarrierTimer.endWith(context);
    Transport transport = TransportChoice.of(Transport.AUTO, cluster.conf(), count, new Problems());
    RDD<String> findings =
        JavaSparkContext.fromSparkContext(context)
            .parallelize(IntStream.range(0, count).boxed().toList(), count)
            .rdd()
            .barrier()
            .mapPartitions(
                new DoctorTask(model, transport, new SerializableConfiguration(hadoop)),
                false,
                STRING);
    int cpus = cluster.cpusForOneWorkerEach();
    if (cpus > 0) {
      TaskResourceRequests request = new TaskResourceRequests().cpus(cpus);
      findings = findings.withResources(new ResourceProfileBuilder().require(request).build());
    }
    return JavaRDD.fromRDD(findings, STRING);
  }
}
