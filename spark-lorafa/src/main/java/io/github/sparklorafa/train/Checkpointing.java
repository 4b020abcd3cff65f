package io.github.sparklorafa.train;

import java.io.Serializable;
import java.util.Optional;

/**
 * Where the state of training is written to, and where a run goes on from.
 *
 * @param checkpointDir folder of the checkpoints; empty means none are written
 * @param checkpointEvery steps between two of them
 * @param keepCheckpoints how many stay; older ones are deleted once a newer one is whole
 * @param resume {@link #AUTO}, {@link #NEVER}, or the path of a checkpoint or of a folder of them
 */
public record Checkpointing(
    String checkpointDir, int checkpointEvery, int keepCheckpoints, String resume)
    implements Serializable {
  /** From the newest whole checkpoint, if there is one. */
  public static final String AUTO = "auto";

  /** From the start. */
  public static final String NEVER = "never";

  static final Checkpointing DEFAULT = new Checkpointing("", 100, 2, AUTO);

  /** The same in another folder. */
  public Checkpointing withDir(String dir) {
    return new Checkpointing(dir, checkpointEvery, keepCheckpoints, resume);
  }

  /** The same after so many steps each. */
  public Checkpointing withEvery(int steps) {
    return new Checkpointing(checkpointDir, steps, keepCheckpoints, resume);
  }

  /** The same with so many kept. */
  public Checkpointing withKept(int count) {
    return new Checkpointing(checkpointDir, checkpointEvery, count, resume);
  }

  /** The same going on from {@link #AUTO}, {@link #NEVER}, or the folder of one checkpoint. */
  public Checkpointing withResume(String from) {
    return new Checkpointing(checkpointDir, checkpointEvery, keepCheckpoints, from);
  }

  /** Whether a checkpoint is due after so many steps. */
  boolean isDue(long steps) {
    return steps % checkpointEvery == 0;
  }

  /** Whether checkpoints are written. */
  public boolean writes() {
    return !checkpointDir.isEmpty();
  }

  /** Whether a new run goes on where it finds something to go on from. */
  public boolean resumes() {
    return resumePath().isPresent() || (writes() && resume.equals(AUTO));
  }

  /** What to go on from, where the user named it. */
  public Optional<String> resumePath() {
    return Optional.of(resume).filter(text -> !text.equals(AUTO) && !text.equals(NEVER));
  }
}
