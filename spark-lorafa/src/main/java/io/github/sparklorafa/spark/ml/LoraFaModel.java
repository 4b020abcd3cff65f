package io.github.sparklorafa.spark.ml;

import io.github.sparklorafa.spark.stage.Predictor;
import org.apache.spark.ml.Model;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.util.MLWritable;
import org.apache.spark.ml.util.MLWriter;

/**
 * A base checkpoint with what was trained on top of it.
 *
 * <p>It refers to the checkpoint ({@link #getModel}) and to the folder of the adapter ({@link
 * #folder}), and holds no weights: executors open both when rows are transformed, once for all of
 * their tasks.
 *
 * @param <M> the model itself, which setters return
 */
public abstract class LoraFaModel<M extends LoraFaModel<M>> extends Model<M>
    implements BaseModelParams<M>, MLWritable {
  private static final long serialVersionUID = 1L;

  private final String uid;
  private TunedFolder tuned = TunedFolder.NONE;
  private transient LoraFaTrainingSummary summary;

  LoraFaModel(String uid) {
    this.uid = uid;
  }

  @Override
  public String uid() {
    return uid;
  }

  @Override
  public String explainParam(Param<?> param) {
    return Values.explained(this, param);
  }

  /** Puts what training left into a new model. */
  void trained(TunedFolder folder, LoraFaTrainingSummary how) {
    this.tuned = folder;
    this.summary = how;
  }

  TunedFolder tuned() {
    return tuned;
  }

  /**
   * The folder of the adapter, which Python's PEFT loads as it stands; after method full that of
   * the checkpoint. Empty where nothing was trained.
   */
  public String folder() {
    return tuned.path();
  }

  /** Folder of the checkpoint that predicts. */
  private String base() {
    if (!tuned.whole() && !isDefined(model())) {
      throw new IllegalArgumentException(
          "Cannot predict without model: nothing given (name the folder of a Hugging Face"
              + " checkpoint with setModel)");
    }
    return tuned.whole() ? tuned.path() : getModel();
  }

  /** What predicts, and in which numbers. */
  Predictor predictor() {
    return Predictor.of(
        base(),
        tuned.whole() ? "" : tuned.path(),
        getDtype(),
        isDefined(baseDtype()) ? getBaseDtype() : "");
  }

  /** Whether it is known how the model was trained. */
  public boolean hasSummary() {
    return summary != null;
  }

  /**
   * How the model was trained.
   *
   * @throws IllegalStateException if that is not known
   */
  public LoraFaTrainingSummary summary() {
    if (summary == null) {
      throw new IllegalStateException(
          "Cannot find a training summary: " + uid + " was not trained by fit (ask hasSummary)");
    }
    return summary;
  }

  @Override
  public M copy(ParamMap extra) {
    M copy = defaultCopy(extra);
    copy.trained(tuned, summary);
    return hasParent() ? copy.setParent(parent()) : copy;
  }

  @Override
  public MLWriter write() {
    return new ModelWriter(this);
  }
}
