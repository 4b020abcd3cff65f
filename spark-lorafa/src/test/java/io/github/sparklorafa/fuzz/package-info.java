/**
 * What the property-based tests of parsers share: damaged inputs, and the limits that they keep.
 */
package io.github.sparklorafa.fuzz;
