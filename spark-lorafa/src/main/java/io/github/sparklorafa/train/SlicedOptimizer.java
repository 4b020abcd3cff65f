package io.github.sparklorafa.train;

import io.github.sparklorafa.collective.Communicator;
import io.github.sparklorafa.collective.NativeBytes;
import io.github.sparklorafa.nn.Parameter;
import io.github.sparklorafa.tensor.NativeFloats;
import io.github.sparklorafa.tensor.Scalars;
import io.github.sparklorafa.tensor.Scope;
import io.github.sparklorafa.train.SliceOptimizer.Norms;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * An optimizer of which each worker has a part: it owns a slice of the flat buffers, steps on that,
 * and all share what came out. So what the optimizer remembers is divided among the workers.
 *
 * <p>Sharing is a sum of buffers that are zero outside of the worker's slice, which is exact. It
 * needs no room of its own: a step's gradients are done with by then.
 */
final class SlicedOptimizer implements Optimizer {
  private final SliceOptimizer.Kind kind;
  private final Tensor room;
  private final Communicator communicator;
  private final List<Piece> pieces;
  private final boolean usesNorms;

  /**
   * The part of a parameter that this worker owns.
   *
   * @param whole where the parameter begins in the flat buffers
   * @param wholeCount numbers of the parameter
   * @param start where the part begins in the flat buffers
   * @param rate multiple of the run's learning rate
   * @param restored slots that wait for the number of steps
   */
  private record Piece(
      SliceOptimizer optimizer,
      long whole,
      long wholeCount,
      long start,
      double rate,
      float[] values,
      float[] gradients,
      List<float[]> restored) {}

  /**
   * @param trainables whose gradients' buffer is the room to share in
   */
  SlicedOptimizer(SliceOptimizer.Kind kind, Trainables trainables, Communicator communicator) {
    this.kind = kind;
    this.room = trainables.gradients();
    this.communicator = communicator;
    this.usesNorms = kind.usesNorms();
    long first = trainables.count() * communicator.rank() / communicator.size();
    long last = trainables.count() * (communicator.rank() + 1) / communicator.size();
    this.pieces = pieces(trainables, first, last);
  }

  private List<Piece> pieces(Trainables trainables, long first, long last) {
    List<Piece> owned = new ArrayList<>();
    long start = 0;
    for (Map.Entry<Parameter, UpdateRule> entry : trainables.rules().entrySet()) {
      long count = entry.getKey().count();
      long from = Math.max(first, start);
      int length = Math.toIntExact(Math.max(0, Math.min(last, start + count) - from));
      if (length > 0) {
        UpdateRule rule = entry.getValue();
        owned.add(
            new Piece(
                kind.open(length, rule.decays()),
                start,
                count,
                from,
                rule.rate(),
                new float[length],
                new float[length],
                new ArrayList<>()));
      }
      start += count;
    }
    return List.copyOf(owned);
  }

  @Override
  public void step(Tensor parameters, Tensor gradients, double learningRate) {
    for (Piece piece : pieces) {
      view(parameters, piece).get(piece.values());
      view(gradients, piece).get(piece.gradients());
      Optional<Norms> norms =
          usesNorms
              ? Optional.of(new Norms(norm(parameters, piece), norm(gradients, piece)))
              : Optional.empty();
      piece.optimizer().step(piece.values(), piece.gradients(), learningRate * piece.rate(), norms);
    }
    share(piece -> piece.values(), Optional.of(parameters));
  }

  /** What a piece gives to the others. */
  private interface Part {
    float[] of(Piece piece);
  }

  private void share(Part part, Optional<Tensor> into) {
    try (Scope scope = new Scope()) {
      room.zero_();
      for (Piece piece : pieces) {
        view(room, piece).put(part.of(piece));
      }
      communicator.sum(new NativeFloats(room.data_ptr().address(), room.numel()));
      into.ifPresent(tensor -> tensor.copy_(room));
    }
  }

  private static double norm(Tensor flat, Piece piece) {
    try (Scope scope = new Scope()) {
      return torch
          .norm(flat.narrow(0, piece.whole(), piece.wholeCount()), Scalars.of(2))
          .item_double();
    }
  }

  private static FloatBuffer view(Tensor flat, Piece piece) {
    try (Scope scope = new Scope()) {
      long address = flat.data_ptr().address() + piece.start() * Float.BYTES;
      return new NativeBytes(address, (long) piece.values().length * Float.BYTES)
          .view()
          .order(ByteOrder.nativeOrder())
          .asFloatBuffer();
    }
  }

  @Override
  public List<String> slots() {
    return kind.slots();
  }

  @Override
  public void read(int slot, Optional<Tensor> into) {
    share(piece -> piece.optimizer().state().get(slot), into);
  }

  @Override
  public void write(int slot, Tensor from) {
    for (Piece piece : pieces) {
      float[] numbers = new float[piece.values().length];
      view(from, piece).get(numbers);
      piece.restored().add(slot, numbers);
    }
  }

  @Override
  public void restoreStep(long steps) {
    for (Piece piece : pieces) {
      if (steps > 0) {
        piece.optimizer().restore(List.copyOf(piece.restored()), steps);
      }
      piece.restored().clear();
    }
  }

  @Override
  public void close() {
    // The arrays are the garbage collector's.
  }
}
