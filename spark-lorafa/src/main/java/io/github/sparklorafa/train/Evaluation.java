package io.github.sparklorafa.train;

import io.github.sparklorafa.collective.Communicator;
import io.github.sparklorafa.data.BatchOrder;
import io.github.sparklorafa.data.MicroBatches;
import io.github.sparklorafa.data.RowOrder;
import io.github.sparklorafa.data.TokenBatch;
import io.github.sparklorafa.data.TokenStore;
import io.github.sparklorafa.infer.ModelInput;
import io.github.sparklorafa.model.Model;
import io.github.sparklorafa.tensor.NativeFloats;
import io.github.sparklorafa.tensor.Scope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** The mean loss over all rows of a data set, dealt out to the workers. */
final class Evaluation {
  private final TokenStore data;
  private final Communicator communicator;
  private final int microBatchSize;
  private final BatchOrder order;

  Evaluation(TokenStore data, TrainConfig config, Communicator communicator) {
    this.data = data;
    this.communicator = communicator;
    this.microBatchSize = config.microBatchSize();
    this.order =
        BatchOrder.forEpochs(
            data.rows(), config.batchSize(), communicator.size(), RowOrder.SEQUENTIAL, 0, 1);
  }

  /** Blocks until all workers are through with their share. */
  double meanLoss(Model model) {
    double sum = 0;
    long terms = 0;
    for (long step = 0; step < order.steps(); step++) {
      for (TokenBatch batch :
          MicroBatches.of(data, order.rows(step, communicator.rank()), microBatchSize)) {
        Model.LossSum loss = model.evaluate(ModelInput.of(batch));
        sum += loss.sum();
        terms += loss.terms();
      }
    }
    return overAllWorkers(sum, terms);
  }

  private double overAllWorkers(double sum, long terms) {
    try (Scope scope = new Scope()) {
      Tensor both = torch.empty(new long[] {2}, new TensorOptions(ScalarType.Float), null);
      both.copy_(Tensor.create((float) sum, (float) terms));
      communicator.sum(new NativeFloats(both.data_ptr().address(), 2));
      return both.select(0, 0).item_float() / both.select(0, 1).item_float();
    }
  }
}
