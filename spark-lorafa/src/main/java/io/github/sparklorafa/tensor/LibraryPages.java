package io.github.sparklorafa.tensor;

import com.sun.jna.Library;
import com.sun.jna.Native;
import com.sun.jna.NativeLong;
import com.sun.jna.Pointer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The pages of libtorch's files that loading alone reads: tables of relocations, and code that
 * registers operators. They count as this process's memory until something gives them back.
 */
final class LibraryPages {
  private static final Path MAPS = Path.of("/proc/self/smaps");

  /** Of a file that is mapped to be read or run: first and last address. */
  private static final Pattern READ_ONLY =
      Pattern.compile("([0-9a-f]+)-([0-9a-f]+) r-[-x]p .*/lib(jni)?(torch|c10|openblas)[^/]*");

  private static final Pattern REGION = Pattern.compile("[0-9a-f]+-[0-9a-f]+ .*");
  private static final Pattern ALL_OF_THE_FILE = Pattern.compile("Anonymous: +0 kB");
  private static final int MADV_DONTNEED = 4;

  private LibraryPages() {}

  private interface LibC extends Library {
    int madvise(Pointer start, NativeLong bytes, int advice);
  }

  /**
   * Lets all of these pages leave memory. What is still needed comes back from the file's cache
   * when it is next read; regions with a page that differs from the file are left alone. Where the
   * system does not say what is mapped, nothing happens.
   */
  static void release() {
    try {
      LibC libc = Native.load("c", LibC.class);
      Matcher region = null;
      for (String line : Files.readAllLines(MAPS)) {
        if (REGION.matcher(line).matches()) {
          region = READ_ONLY.matcher(line);
        } else if (region != null
            && region.matches()
            && ALL_OF_THE_FILE.matcher(line.strip()).matches()) {
          long start = Long.parseUnsignedLong(region.group(1), 16);
          long end = Long.parseUnsignedLong(region.group(2), 16);
          libc.madvise(new Pointer(start), new NativeLong(end - start), MADV_DONTNEED);
        }
      }
    } catch (IOException | LinkageError e) {
      // The pages stay: they cost memory, and nothing else.
      return;
    }
  }
}
