package io.github.sparklorafa.spark.ml;

import io.github.sparklorafa.train.Task;
import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.util.Identifiable$;
import org.apache.spark.ml.util.MLReader;

/** Writes a text for a text, such as its translation. */
public final class LoraFaSeq2SeqModel extends LoraFaWritingModel<LoraFaSeq2SeqModel> {
  private static final long serialVersionUID = 1L;

  public LoraFaSeq2SeqModel(String uid) {
    super(uid);
    Values.usual(this, maxTargetLength(), 0);
  }

  /** Tokens that a text to write is cut to where its loss is measured; 0: as maxLength. */
  public IntParam maxTargetLength() {
    return new IntParam(
        this,
        "maxTargetLength",
        "Tokens that a text to write is cut to where its loss is measured; 0: as maxLength.");
  }

  public int getMaxTargetLength() {
    return Values.of(this, maxTargetLength());
  }

  public LoraFaSeq2SeqModel setMaxTargetLength(int value) {
    return Values.with(this, maxTargetLength(), value);
  }

  /**
   * A model of a base checkpoint and an adapter from anywhere, such as PEFT or the train command.
   */
  public static LoraFaSeq2SeqModel of(String model, String adapter) {
    LoraFaSeq2SeqModel made =
        new LoraFaSeq2SeqModel(Identifiable$.MODULE$.randomUID("loraFaSeq2Seq"));
    made.trained(new TunedFolder(adapter, false), null);
    return made.setModel(model);
  }

  @Override
  Task task() {
    return Task.SEQ2SEQ;
  }

  @Override
  int targetLength() {
    return getMaxTargetLength();
  }

  /** Loads a model that was saved. */
  public static LoraFaSeq2SeqModel load(String path) {
    return read().load(path);
  }

  public static MLReader<LoraFaSeq2SeqModel> read() {
    return new StageReader<>(LoraFaSeq2SeqModel.class, LoraFaSeq2SeqModel::new);
  }
}
