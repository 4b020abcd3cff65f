package io.github.sparklorafa.train;

import io.github.sparklorafa.NativeHeap;
import io.github.sparklorafa.data.Example;
import io.github.sparklorafa.data.LabelKind;
import io.github.sparklorafa.data.TokenBatch;
import io.github.sparklorafa.lora.Method;
import io.github.sparklorafa.model.ModelConfig;
import io.github.sparklorafa.model.Objective;
import io.github.sparklorafa.model.RobertaConfig;
import io.github.sparklorafa.model.RobertaFamily;
import io.github.sparklorafa.model.T5Config;
import io.github.sparklorafa.model.T5Config.FeedForward;
import io.github.sparklorafa.nn.Gelu;
import io.github.sparklorafa.nn.Tape;
import io.github.sparklorafa.tensor.Buffers;
import io.github.sparklorafa.tensor.DType;
import io.github.sparklorafa.tensor.Natives;
import io.github.sparklorafa.tensor.ProcessMemory;
import io.github.sparklorafa.tensor.Scope;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.bytedeco.pytorch.NoGradGuard;

/** Prints the process's peak in a training step of each case, for {@link WorkspaceTest}. */
final class WorkspacePeakMain {
  private WorkspacePeakMain() {}

  /**
   * Two rows as long as the configuration allows.
   *
   * @param written tokens of a row that a T5 writes
   */
  record Case(ModelConfig model, Method method, int length, int written) {
    TrainConfig config() {
      Task task = model instanceof T5Config ? Task.SEQ2SEQ : Task.SEQUENCE_CLASSIFICATION;
      return TrainConfig.builder()
          .model("m")
          .data("d")
          .output("o")
          .dtype(DType.BF16)
          .method(method)
          .task(task)
          .taskSettings(settings -> settings.withMaxTargetLength(written))
          .microBatchSize(2)
          .maxLength(length)
          .build();
    }

    private TokenBatch batch() {
      Example example =
          model instanceof T5Config
              ? new Example(ids(length), ids(written), LabelKind.WRITTEN)
              : Example.withNumbers(ids(length), 1);
      return TokenBatch.of(Collections.nCopies(2, example));
    }

    private static int[] ids(int count) {
      int[] ids = new int[count];
      Arrays.fill(ids, 5);
      return ids;
    }
  }

  /** Many heads: scores matter beside the tape. */
  static List<Case> cases() {
    T5Config t5 =
        new T5Config(
            2000, 256, 64, 512, 2, 2, 16, 32, 128, 1e-6, FeedForward.RELU, true, true, 0, 0);
    return List.of(
        new Case(roberta(2000), Method.LORA_FA, 1024, 0),
        new Case(t5, Method.LORA_FA, 1024, 128),
        new Case(t5, Method.LORA_FA, 128, 1024),
        new Case(t5, Method.FULL, 128, 1024));
  }

  /** A classifier. */
  static RobertaConfig roberta(int vocabulary) {
    Objective.Classification two = new Objective.Classification(2, Objective.Kind.SINGLE_LABEL);
    return new RobertaConfig(
        RobertaFamily.ROBERTA,
        vocabulary,
        256,
        512,
        4,
        16,
        1026,
        1,
        1e-5,
        1,
        Gelu.Form.ERF,
        true,
        two,
        two);
  }

  public static void main(String[] args) {
    Natives.load(1);
    for (Case the : cases()) {
      System.out.println(StepPeakMain.PEAK + peakOfAStep(the));
    }
  }

  /** Bytes above those before the third step. */
  private static long peakOfAStep(Case the) {
    try (Scope scope = new Scope();
        NoGradGuard noGrad = new NoGradGuard();
        TrainedModel trained =
            TrainedModel.of(the.config(), the.model(), new StepPeakMain.Alike(DType.BF16, 1))) {
      TokenBatch batch = the.batch();
      step(trained, batch);
      step(trained, batch);
      Buffers.trim();
      System.gc();
      NativeHeap.trim();
      long before = StepPeakMain.resetPeak();
      step(trained, batch);
      return ProcessMemory.peakBytes() - before;
    }
  }

  private static void step(TrainedModel trained, TokenBatch batch) {
    try (Scope scope = new Scope();
        Tape tape = new Tape()) {
      trained.trainStep(0, batch, tape);
    }
  }
}
