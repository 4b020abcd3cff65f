package io.github.sparklorafa.spark.stage;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.Serializable;
import java.util.List;
import java.util.Set;
import org.apache.spark.BarrierTaskContext;
import org.apache.spark.SparkContext;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.rdd.RDD;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import scala.collection.Iterator;
import scala.reflect.ClassTag$;
import scala.runtime.AbstractFunction1;

/** What Spark's barriers leave behind in a JVM where driver and tasks are one. */
@Tag("spark")
@Timeout(120)
class BarrierTimerTest {
  /** Waits for the other task. */
  private static final class Meeting extends AbstractFunction1<Iterator<Integer>, Iterator<Integer>>
      implements Serializable {
    private static final long serialVersionUID = 1L;

    @Override
    public Iterator<Integer> apply(Iterator<Integer> rows) {
      BarrierTaskContext.get().barrier();
      return rows;
    }
  }

  /** The second application meets by what the first one has left. */
  @Test
  void nothingKeepsTheDriverAlive() throws InterruptedException {
    // Others of this JVM may have been left by applications that were not ended so.
    Set<Thread> before = Thread.getAllStackTraces().keySet();
    for (int application = 0; application < 2; application++) {
      try (SparkSession spark =
          SparkSession.builder()
              .master("local[2]")
              .config("spark.ui.enabled", "false")
              .config("spark.driver.host", "127.0.0.1")
              .config("spark.driver.bindAddress", "127.0.0.1")
              .getOrCreate()) {
        BarrierTimer.endWith(spark.sparkContext());
        assertThat(met(spark.sparkContext()).count()).isEqualTo(2);
      }
      for (Thread thread : Thread.getAllStackTraces().keySet()) {
        boolean own = !before.contains(thread);
        if (own && thread.getName().startsWith("Barrier") && !thread.isDaemon()) {
          thread.join(10_000);
          assertThat(thread.isAlive()).as(thread.getName()).isFalse();
        }
      }
    }
  }

  private static RDD<Integer> met(SparkContext context) {
    return JavaSparkContext.fromSparkContext(context)
        .parallelize(List.of(0, 1), 2)
        .rdd()
        .barrier()
        .mapPartitions(new Meeting(), false, ClassTag$.MODULE$.apply(Integer.class));
  }
}
