package io.github.sparklorafa.bigdl;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.SparkEnv;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.storage.BlockId;
import scala.collection.Iterator;
import scala.runtime.AbstractFunction1;

/** What of ours is in the block manager of this process. */
final class BlocksHere {
  private BlocksHere() {}

  static List<String> names() {
    List<String> names = new ArrayList<>();
    for (BlockId id : ids()) {
      names.add(id.name());
    }
    return names;
  }

  /** The same of the executors of a cluster, which have a core each. */
  static List<String> namesIn(SparkSession spark, int executors) {
    int tasks = 4 * executors;
    return JavaSparkContext.fromSparkContext(spark.sparkContext())
        .parallelize(IntStream.range(0, tasks).boxed().toList(), tasks)
        .flatMap(number -> names().iterator())
        .collect();
  }

  static void removeThoseWith(String part) {
    for (BlockId id : ids()) {
      if (id.name().contains(part)) {
        SparkEnv.get().blockManager().removeBlock(id, false);
      }
    }
  }

  private static List<BlockId> ids() {
    List<BlockId> ids = new ArrayList<>();
    Iterator<BlockId> found =
        SparkEnv.get()
            .blockManager()
            .getMatchingBlockIds(
                new AbstractFunction1<BlockId, Object>() {
                  @Override
                  public Object apply(BlockId id) {
                    return id.name().contains("spark-lorafa");
                  }
                })
            .iterator();
    while (found.hasNext()) {
      ids.add(found.next());
    }
    return ids;
  }
}
