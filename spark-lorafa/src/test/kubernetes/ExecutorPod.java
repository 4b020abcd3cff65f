import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.utils.Serialization;
import org.apache.spark.SecurityManager;
import org.apache.spark.SparkConf;
import org.apache.spark.deploy.k8s.KubernetesConf;
import org.apache.spark.deploy.k8s.KubernetesExecutorConf;
import org.apache.spark.deploy.k8s.SparkPod;
import org.apache.spark.resource.ResourceProfile;
import org.apache.spark.resource.ResourceProfile$;
import org.apache.spark.scheduler.cluster.k8s.KubernetesExecutorBuilder;
import scala.Option;

/**
 * Prints the pod that Spark would ask Kubernetes for, as JSON: {@code java -cp JARS ExecutorPod.java
 * KEY=VALUE ...} with Spark's settings. No cluster is asked.
 */
final class ExecutorPod {
  private ExecutorPod() {}

  public static void main(String[] settings) {
    SparkConf conf = new SparkConf(false);
    for (String setting : settings) {
      int equals = setting.indexOf('=');
      conf.set(setting.substring(0, equals), setting.substring(equals + 1));
    }
    try (KubernetesClient client = new KubernetesClientBuilder().build()) {
      KubernetesExecutorConf executor =
          KubernetesConf.createExecutorConf(
              conf,
              "1",
              "spark-0",
              Option.empty(),
              ResourceProfile.DEFAULT_RESOURCE_PROFILE_ID());
      SparkPod spark =
          new KubernetesExecutorBuilder()
              .buildFromFeatures(
                  executor,
                  new SecurityManager(conf, Option.empty(), null),
                  client,
                  ResourceProfile$.MODULE$.getOrCreateDefaultProfile(conf))
              .pod();
      Pod pod =
          new PodBuilder(spark.pod())
              .editSpec()
              .addToContainers(spark.container())
              .endSpec()
              .build();
      System.out.println(Serialization.asJson(pod));
    }
  }
}
