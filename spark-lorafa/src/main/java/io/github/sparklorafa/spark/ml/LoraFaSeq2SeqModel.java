package io.github.sparklorafa.spark.ml;

import org.apache.spark.ml.util.Identifiable$;
import org.apache.spark.ml.util.MLReader;

/** Writes a text for a text, such as its translation. */
public final class LoraFaSeq2SeqModel extends LoraFaWritingModel<LoraFaSeq2SeqModel> {
  private static final long serialVersionUID = 1L;

  public LoraFaSeq2SeqModel(String uid) {
    super(uid);
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

  /** Loads a model that was saved. */
  public static LoraFaSeq2SeqModel load(String path) {
    return read().load(path);
  }

  public static MLReader<LoraFaSeq2SeqModel> read() {
    return new StageReader<>(LoraFaSeq2SeqModel.class, LoraFaSeq2SeqModel::new);
  }
}
