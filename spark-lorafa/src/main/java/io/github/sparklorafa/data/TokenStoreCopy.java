package io.github.sparklorafa.data;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocalFileSystem;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings a store from any file system to a local folder, once.
 *
 * <p>The manifest is written last, under a lock on a file, so a folder that has it has everything.
 */
final class TokenStoreCopy {

  private static final Logger LOG = LoggerFactory.getLogger(TokenStoreCopy.class);
  private static final String LOCK = ".lock";

  private TokenStoreCopy() {}

  /** Synchronised because a file lock excludes other processes only. */
  static synchronized TokenStore fetch(Configuration configuration, String folder, Path local)
      throws IOException {
    org.apache.hadoop.fs.Path remote = new org.apache.hadoop.fs.Path(folder);
    FileSystem files = remote.getFileSystem(configuration);
    if (files instanceof LocalFileSystem localFiles) {
      return TokenStore.open(localFiles.pathToFile(remote).toPath());
    }
    TokenStoreManifest manifest = TokenStoreManifest.read(configuration, folder);
    Files.createDirectories(local);
    try (FileChannel channel =
        FileChannel.open(
            local.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      channel.lock(); // until the channel is closed
      Path copied = local.resolve(TokenStoreManifest.FILE);
      if (Files.exists(copied) && Files.readString(copied).equals(manifest.toJson())) {
        try {
          return TokenStore.open(local);
        } catch (IOException e) {
          LOG.warn("Copying the token store again: {}", e.getMessage());
        }
      }
      Files.deleteIfExists(copied);
      for (ShardSummary shard : manifest.shards()) {
        copy(files, new org.apache.hadoop.fs.Path(remote, shard.file()), local, shard);
      }
      Path temporary = local.resolve(TokenStoreManifest.FILE + ".tmp");
      Files.writeString(temporary, manifest.toJson());
      Files.move(temporary, copied, StandardCopyOption.ATOMIC_MOVE);
      return TokenStore.open(local);
    }
  }

  private static void copy(
      FileSystem files, org.apache.hadoop.fs.Path source, Path local, ShardSummary shard)
      throws IOException {
    Path target = local.resolve(shard.file());
    try (var in = files.open(source)) {
      Files.copy(in, target, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new IOException(
          ("Cannot copy the token store: %s to %s: %s (check that the store is reachable and the"
                  + " disk not full)")
              .formatted(source, target, e.getMessage()),
          e);
    }
  }
}
