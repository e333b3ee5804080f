/** The value records that every part of Quorate shares: pure, immutable, without threads or I/O. */
@NullMarked
package io.quorate.model;

import org.jspecify.annotations.NullMarked;
