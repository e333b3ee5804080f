/** Tests of planning: stories, and a large cluster that must come to rest. */
@org.jspecify.annotations.NullMarked
package io.quorate.placement.schedule;
