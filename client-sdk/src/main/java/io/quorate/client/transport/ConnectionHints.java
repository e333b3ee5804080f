package io.quorate.client.transport;

import io.grpc.Status;
import java.util.Locale;

/** Tells in words why a connection failed, above all where the two sides disagree on TLS. Pure. */
final class ConnectionHints {
  /** How a TLS alert looks to who expects plain HTTP/2: record type 21, version 3.x. */
  private static final String ALERT_AS_PLAIN = "1503";

  private ConnectionHints() {}

  /** The failed call's status in one line, with what to do about it if that can be told. */
  static String explain(Status status, boolean tls) {
    String told = status.getDescription() == null
        ? status.getCode().name()
        : status.getCode() + " " + status.getDescription().lines().findFirst().orElse("");
    if (status.getCode() != Status.Code.UNAVAILABLE) {
      return told;
    }
    String hint = tls ? ofTls(reasons(status)) : ofPlain(reasons(status));
    return hint.isEmpty() ? told : told + " (" + hint + ")";
  }

  /** All that is said of the failure, in lower case. */
  private static String reasons(Status status) {
    StringBuilder all = new StringBuilder(String.valueOf(status.getDescription()));
    for (Throwable cause = status.getCause(); cause != null; cause = cause.getCause()) {
      all.append(' ').append(cause);
    }
    return all.toString().toLowerCase(Locale.ROOT);
  }

  private static String ofPlain(String reasons) {
    boolean alert = reasons.contains("not settings") && reasons.contains(ALERT_AS_PLAIN);
    if (alert || reasons.contains("network closed for unknown reason")) {
      return "it seems to want TLS, which was not asked for: name the authorities, --cacert";
    }
    return "";
  }

  private static String ofTls(String reasons) {
    if (reasons.contains("not an ssl/tls record") || reasons.contains("wrong_version_number")) {
      return "it does not speak TLS: leave the TLS options out";
    }
    if (reasons.contains("unable to find valid certification path")
        || reasons.contains("certificate_verify_failed")
        || reasons.contains("pkix")) {
      return "its certificate is not signed by the trusted authorities: check --cacert";
    }
    if (reasons.contains("no subject alternative names") || reasons.contains("no name matching")) {
      return "its certificate is for other addresses than this";
    }
    // Told by the other side, as an alert of TLS.
    if (reasons.contains("alert") || reasons.contains("handshake_failure")) {
      return "it wants a certificate that its authorities have signed: --cert and --key";
    }
    return "";
  }
}
