package io.github.sparklorafa.cli;

import io.github.sparklorafa.train.Transport;

/** Flags of {@link io.github.sparklorafa.train.Synchronisation}. */
final class SynchronisationFlags {
  private SynchronisationFlags() {}

  static void add(FlagList f) {
    f.add(
        "wire-dtype",
        "fp32|bf16",
        "Numbers in which gradients travel between workers; they are summed in fp32.",
        c -> c.synchronisation().wireText(),
        text -> text,
        (b, value) -> b.synchronisation(s -> s.withWireDtype(value)));
    f.integer(
        "sync-every",
        "Steps that each worker takes by itself before what is trained is averaged.",
        c -> c.synchronisation().syncEvery(),
        (b, value) -> b.synchronisation(s -> s.withEvery(value)));
    f.add(
        "transport",
        "auto|gloo|spark|bigdl|bigdl-fp16|nccl",
        "What carries gradients; auto: spark where Spark is to be secure, else gloo.",
        c -> c.synchronisation().transport().text(),
        Transport::parse,
        (b, value) -> b.synchronisation(s -> s.with(value)));
  }
}
