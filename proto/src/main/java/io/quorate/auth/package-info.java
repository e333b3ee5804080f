/** Who may do what: users, roles, tokens. Pure; the placement driver keeps it, stores and gateways judge by it. */
@NullMarked
package io.quorate.auth;

import org.jspecify.annotations.NullMarked;
