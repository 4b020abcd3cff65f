package io.github.sparklorafa.bigdl;

import com.intel.analytics.bigdl.parameters.AllReduceParameter;
import com.intel.analytics.bigdl.tensor.Tensor;
import io.github.sparklorafa.bigdl.seam.BlockManagerWrapper$;
import io.github.sparklorafa.bigdl.seam.BlockStore;
import io.github.sparklorafa.bigdl.seam.TaskContext$;
import io.github.sparklorafa.spark.transport.BlockSum.Numbers;
import io.github.sparklorafa.spark.transport.Blocks;
import io.github.sparklorafa.tensor.NativeFloats;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * BigDL's {@link AllReduceParameter} of one length, in the phases of its {@code DistriOptimizer}:
 * each worker puts its gradient cut into a slice for each worker, adds up those of its own slice,
 * puts the sum in the place of the weights, and gets the sums of all. Where BigDL ends a Spark job
 * between two phases, the workers {@link Blocks#meet meet}.
 */
final class AllReduce implements BlockStore, AutoCloseable {
  /**
   * What stands behind the id in the names of {@code AllReduceParameter}: who has put the block.
   */
  private static final Pattern OWNER = Pattern.compile("(?:_\\d+gradientBytes|weightBytes)(\\d+)");

  private final Blocks blocks;
  private final String prefix;
  private final long id;
  private final float[] numbers;
  private final Tensor<Object> tensor;
  private final AllReduceParameter<Object> parameter;
  private final Map<String, Object> kept = new ConcurrentHashMap<>();

  /**
   * Blocks for no one.
   *
   * @param prefix of its blocks, the same on all workers and of no other sum
   * @param count of the numbers, at least as many as there are workers
   */
  AllReduce(Blocks blocks, String prefix, int count, Numbers how) {
    this.blocks = blocks;
    this.prefix = prefix;
    this.numbers = new float[count];
    this.tensor = Tensors.over(numbers);
    this.id = BlockManagerWrapper$.MODULE$.open(this);
    String compress = how == Numbers.HALF ? "fp16" : "none";
    TaskContext$.MODULE$.set(blocks.rank());
    this.parameter =
        sent(
            new AllReduceParameter<>(
                id, blocks.size(), count, 1, compress, Tensors.FLOAT, Tensors.NUMERIC));
    parameter.init(tensor, Tensors.NUMERIC);
  }

  /** BigDL's object learns its slice when it arrives in a task. */
  @SuppressWarnings("unchecked") // it is what was written
  private static AllReduceParameter<Object> sent(AllReduceParameter<Object> made) {
    try {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
        out.writeObject(made);
      }
      ByteArrayInputStream stored = new ByteArrayInputStream(bytes.toByteArray());
      try (ObjectInputStream in = new HereStream(stored)) {
        return (AllReduceParameter<Object>) in.readObject();
      }
    } catch (IOException | ClassNotFoundException e) {
      throw new IllegalStateException("Cannot copy BigDL's all-reduce (report this)", e);
    }
  }

  /** Looks for classes where this one is, and not where Spark's first ones are. */
  private static final class HereStream extends ObjectInputStream {
    HereStream(ByteArrayInputStream bytes) throws IOException {
      super(bytes);
    }

    @Override
    protected Class<?> resolveClass(java.io.ObjectStreamClass type)
        throws IOException, ClassNotFoundException {
      return Class.forName(type.getName(), false, AllReduce.class.getClassLoader());
    }
  }

  void sum(NativeFloats buffer) {
    FloatBuffer native_ = Tensors.view(buffer);
    native_.get(0, numbers);
    parameter.putGradients(tensor);
    blocks.meet();
    parameter.aggregateGradientPartition(1);
    parameter.weightPartition().copy(parameter.gradientPartition());
    parameter.sendWeightPartition();
    blocks.meet();
    parameter.getWeights(tensor).waitResult();
    native_.put(0, numbers);
    blocks.meet();
  }

  @Override
  public void put(String name, ByteBuffer bytes) {
    blocks.put(prefix + name, bytes);
  }

  @Override
  public Optional<ByteBuffer> own(String name) {
    return blocks.own(prefix + name);
  }

  @Override
  public ByteBuffer fetch(String name) {
    Matcher owner = OWNER.matcher(name);
    if (!owner.matches()) {
      throw new IllegalArgumentException("Cannot tell whose block " + name + " is (report this)");
    }
    return blocks.fetch(Integer.parseInt(owner.group(1)), prefix + name);
  }

  @Override
  public void keep(String name, Object value) {
    kept.put(name, value);
  }

  @Override
  public Optional<Object> kept(String name) {
    return Optional.ofNullable(kept.get(name));
  }

  @Override
  public void close() {
    BlockManagerWrapper$.MODULE$.close(id);
  }
}
