/**
 * The sum of gradients over Spark's own network layer.
 *
 * <p>A {@link io.github.sparklorafa.spark.transport.SparkEndpoint} takes the place of Gloo's where
 * Spark is told to authenticate or to encrypt: its connections are those of {@code
 * org.apache.spark.network}, made by {@code TransportContext} with the bootstraps of the block
 * manager, so that {@code spark.authenticate} and {@code spark.network.crypto.*} hold for them too.
 * What is sent, and how it is added up, {@code collective} decides; here it is only carried.
 */
package io.github.sparklorafa.spark.transport;
