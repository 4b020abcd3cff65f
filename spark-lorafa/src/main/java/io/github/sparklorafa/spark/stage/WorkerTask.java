package io.github.sparklorafa.spark.stage;

import java.io.Serializable;
import java.util.List;
import org.apache.spark.BarrierTaskContext;
import org.apache.spark.util.SerializableConfiguration;
import scala.collection.Iterator;
import scala.collection.JavaConverters;
import scala.runtime.AbstractFunction1;

/** The function of the barrier stage: one {@link Worker} a task, its result as JSON. */
final class WorkerTask extends AbstractFunction1<Iterator<Integer>, Iterator<String>>
    implements Serializable {
  private static final long serialVersionUID = 1L;

  private final WorkerPlan plan;
  private final SerializableConfiguration hadoop;

  WorkerTask(WorkerPlan plan, SerializableConfiguration hadoop) {
    this.plan = plan;
    this.hadoop = hadoop;
  }

  @Override
  public Iterator<String> apply(Iterator<Integer> ignored) {
    WorkerResult result = new Worker(plan, hadoop.value(), BarrierTaskContext.get()).run();
    return JavaConverters.asScalaIterator(List.of(StageJson.write(result)).iterator());
  }
}
