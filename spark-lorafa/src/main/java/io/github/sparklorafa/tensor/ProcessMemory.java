package io.github.sparklorafa.tensor;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What the operating system says of this process's memory, in bytes. */
public final class ProcessMemory {
  private static final Path STATUS = Path.of("/proc/self/status");

  private ProcessMemory() {}

  /** Resident now. */
  public static long residentBytes() {
    return status("VmRSS:");
  }

  /** The most that was ever resident. */
  public static long peakBytes() {
    return status("VmHWM:");
  }

  private static long status(String key) {
    try {
      return Files.readAllLines(STATUS).stream()
          .filter(line -> line.startsWith(key))
          .map(line -> line.substring(key.length()).replace("kB", "").strip())
          .mapToLong(kibibytes -> Long.parseLong(kibibytes) * 1024)
          .findFirst()
          .orElseThrow(() -> new IOException("no " + key + " in " + STATUS));
    } catch (IOException e) {
      throw new UncheckedIOException(
          "Cannot read the process's memory: " + STATUS + " (Linux is needed)", e);
    }
  }
}
