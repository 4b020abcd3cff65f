package io.github.sparklorafa.checkpoint;

import java.util.List;

/** A checkpoint of training that is not whole; an older one may be. */
public final class DamagedCheckpointException extends Exception {
  private static final long serialVersionUID = 1L;

  DamagedCheckpointException(String location, List<String> problems) {
    super(
        "Cannot resume from: %s (it is unfinished or damaged: use an older one): %s"
            .formatted(location, String.join(", ", problems)));
  }
}
