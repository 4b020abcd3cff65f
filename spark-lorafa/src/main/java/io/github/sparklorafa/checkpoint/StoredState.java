package io.github.sparklorafa.checkpoint;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** A checkpoint of training that was copied to local disk, all its checksums verified. */
public final class StoredState implements AutoCloseable {
  private final String location;
  private final long step;
  private final String header;
  private final String manifest;
  private final SafetensorsFile tensors;
  private final Path best;

  StoredState(String location, long step, String manifest, Path folder) {
    this.location = location;
    this.step = step;
    this.manifest = manifest;
    this.header = StrictJson.read(folder.resolve(TrainingCheckpoints.HEADER), "use an older one");
    this.tensors = SafetensorsFile.open(folder.resolve(TrainingCheckpoints.TENSORS));
    this.best = folder.resolve(TrainingCheckpoints.BEST);
  }

  /** Where it was copied from. */
  public String location() {
    return location;
  }

  /** Steps that were done when it was written. */
  public long step() {
    return step;
  }

  /** What the writer gave as header, as JSON. */
  public String header() {
    return header;
  }

  /** Names, lengths and checksums of its files: equal where the checkpoints are. */
  public String manifest() {
    return manifest;
  }

  /** What was trained, and what the optimizer knew. */
  public SafetensorsFile tensors() {
    return tensors;
  }

  /** The values of the best step, where there was one. */
  public Optional<Path> best() {
    return Optional.of(best).filter(Files::exists);
  }

  @Override
  public void close() {
    tensors.close();
  }
}
