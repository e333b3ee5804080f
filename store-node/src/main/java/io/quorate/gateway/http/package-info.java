/** HTTP/1.1 on the port that serves gRPC: etcd's JSON gateway and the pages that monitors ask for. */
@NullMarked
package io.quorate.gateway.http;

import org.jspecify.annotations.NullMarked;
