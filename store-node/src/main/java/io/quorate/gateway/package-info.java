/** etcd's v3 API on top of the client SDK: what etcd's own clients call, on every store or as a process of its own. */
@NullMarked
package io.quorate.gateway;

import org.jspecify.annotations.NullMarked;
