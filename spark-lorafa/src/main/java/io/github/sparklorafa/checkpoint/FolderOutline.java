package io.github.sparklorafa.checkpoint;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;

/**
 * The small part of a remote folder: JSON files, those of tokenizers, and the headers of
 * safetensors files.
 */
final class FolderOutline {
  private static final String JSON = ".json";
  private static final Set<String> TOKENIZERS =
      Set.of(
          "chat_template.jinja",
          "tokenizer.model",
          "spiece.model",
          "sentencepiece.bpe.model",
          "merges.txt",
          "vocab.txt");
  private static final String SAFETENSORS = ".safetensors";

  private final FileSystem remote;
  private final Path into;

  private FolderOutline(FileSystem remote, Path into) {
    this.remote = remote;
    this.into = into;
  }

  static Path of(String location, Path into, Configuration configuration) {
    org.apache.hadoop.fs.Path path = RemoteFolder.path(location);
    try {
      FileSystem remote = path.getFileSystem(configuration);
      org.apache.hadoop.fs.Path qualified = remote.makeQualified(path);
      List<FileStatus> files = RemoteFolder.list(location, remote, qualified);
      PickleFiles.refuseAlone(
          location, files.stream().map(file -> file.getPath().getName()).toList());
      if (RemoteFolder.isLocal(remote)) {
        return new File(qualified.toUri().getPath()).toPath();
      }
      Files.createDirectories(into);
      FolderOutline outline = new FolderOutline(remote, into);
      for (FileStatus file : RemoteFolder.useful(files)) {
        outline.add(file);
      }
      return into;
    } catch (IOException e) {
      throw new UncheckedIOException(
          "Cannot read folder: %s: %s (check the path, the connection and spark.hadoop.* settings)"
              .formatted(location, e.getMessage()),
          e);
    }
  }

  private void add(FileStatus file) throws IOException {
    String name = file.getPath().getName();
    if (name.endsWith(JSON) || TOKENIZERS.contains(name)) {
      try (InputStream in = remote.open(file.getPath());
          OutputStream out = Files.newOutputStream(into.resolve(name))) {
        FolderManifest.copy(in, out, name);
      }
    } else if (name.endsWith(SAFETENSORS)) {
      header(file, into.resolve(name));
    }
  }

  private void header(FileStatus file, Path target) throws IOException {
    try (FSDataInputStream in = remote.open(file.getPath());
        RandomAccessFile out = new RandomAccessFile(target.toFile(), "rw")) {
      out.setLength(file.getLen());
      if (file.getLen() < SafetensorsHeader.LENGTH_BYTES) {
        return;
      }
      byte[] length = new byte[SafetensorsHeader.LENGTH_BYTES];
      in.readFully(0, length);
      out.write(length);
      long json = ByteBuffer.wrap(length).order(ByteOrder.LITTLE_ENDIAN).getLong();
      // A length that cannot be is refused by who reads the outline.
      if (json >= 0
          && json <= SafetensorsHeader.MAX_JSON_BYTES
          && json <= file.getLen() - length.length) {
        byte[] header = new byte[(int) json];
        in.readFully(length.length, header);
        out.write(header);
      }
    }
  }
}
