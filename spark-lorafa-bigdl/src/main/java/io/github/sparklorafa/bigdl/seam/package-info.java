/**
 * What BigDL's code asks of Spark 2.4, of MKL and of a few libraries, answered anew.
 *
 * <p>When the jar is made, references to {@code org.apache.spark.storage.BlockManagerWrapper}, for
 * one, are led to {@code BlockManagerWrapper$} here (the relocations in this module's {@code
 * pom.xml}). So names and signatures are those that BigDL 0.13.0 was compiled with, a {@code $} for
 * a Scala object included, and nothing here calls Spark itself: the blocks are those of {@link
 * io.github.sparklorafa.spark.transport.Blocks}.
 */
package io.github.sparklorafa.bigdl.seam;
