/**
 * Judges what clients saw of transactions: whether some order of all of them, that agrees with real time, explains it. Pure; for the
 * soak, for tests here, and for users' own.
 */
@NullMarked
package io.quorate.embedded.check;

import org.jspecify.annotations.NullMarked;
