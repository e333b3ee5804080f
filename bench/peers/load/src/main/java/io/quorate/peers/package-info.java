/** Load and measurement that every peer gets alike, and the ceilings of the machine. */
package io.quorate.peers;
