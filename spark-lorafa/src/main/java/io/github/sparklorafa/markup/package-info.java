/**
 * HTML and SVG as text, for the UI's tab and the cards of adapters: everything that comes from
 * outside is escaped in one place.
 */
package io.github.sparklorafa.markup;
