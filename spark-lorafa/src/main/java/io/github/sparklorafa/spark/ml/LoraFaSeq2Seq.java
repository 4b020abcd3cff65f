package io.github.sparklorafa.spark.ml;

import io.github.sparklorafa.spark.stage.CompletionPlan;
import io.github.sparklorafa.spark.stage.LossPlan;
import io.github.sparklorafa.train.Task;
import io.github.sparklorafa.train.TrainConfigBuilder;
import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.util.Identifiable$;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.sql.types.StructType;

/**
 * Fine-tunes an encoder-decoder such as T5 to write {@code completion} for {@code prompt}, or the
 * token ids in {@code labels} for {@code input_ids}.
 */
public final class LoraFaSeq2Seq extends LoraFaEstimator<LoraFaSeq2Seq, LoraFaSeq2SeqModel>
    implements GenerationParams<LoraFaSeq2Seq>, LossParams<LoraFaSeq2Seq> {
  private static final long serialVersionUID = 1L;

  public LoraFaSeq2Seq() {
    this(Identifiable$.MODULE$.randomUID("loraFaSeq2Seq"));
  }

  /** One with that {@code uid}, as Spark's reader of stored stages makes it. */
  public LoraFaSeq2Seq(String uid) {
    super(uid);
    Generations.defaults(this);
    Losses.defaults(this);
    Values.usual(this, maxTargetLength(), 0);
  }

  /** Tokens that a text to write is cut to; 0: as maxLength. */
  public IntParam maxTargetLength() {
    return new IntParam(
        this, "maxTargetLength", "Tokens that a text to write is cut to; 0: as maxLength.");
  }

  public int getMaxTargetLength() {
    return Values.of(this, maxTargetLength());
  }

  public LoraFaSeq2Seq setMaxTargetLength(int value) {
    return Values.with(this, maxTargetLength(), value);
  }

  @Override
  Task task() {
    return Task.SEQ2SEQ;
  }

  @Override
  void describe(TrainConfigBuilder builder) {
    TrainConfigBuilder unused =
        builder.taskSettings(usual -> usual.withMaxTargetLength(getMaxTargetLength()));
  }

  /** Rows for training may have no prompts: only what the model adds is checked here. */
  @Override
  StructType predicted(StructType schema) {
    return CompletionPlan.added(
        LossPlan.added(schema, Losses.columns(this)), Generations.columns(this));
  }

  @Override
  LoraFaSeq2SeqModel newModel(String uid) {
    return new LoraFaSeq2SeqModel(uid);
  }

  /** Loads an estimator that was saved. */
  public static LoraFaSeq2Seq load(String path) {
    return read().load(path);
  }

  public static MLReader<LoraFaSeq2Seq> read() {
    return new StageReader<>(LoraFaSeq2Seq.class, LoraFaSeq2Seq::new);
  }
}
