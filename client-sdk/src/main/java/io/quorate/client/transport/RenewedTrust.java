package io.quorate.client.transport;

import io.grpc.util.AdvancedTlsX509TrustManager;
import io.grpc.util.CertificateUtils;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.function.LongSupplier;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * The authorities in a file, looked at anew when connections begin: who adds one or takes one away needs no restart. Connections that
 * stand go on. Names of servers are checked as always. Owned by the credentials it is part of; any thread.
 */
final class RenewedTrust extends X509ExtendedTrustManager {
  private final Path file;
  private final AdvancedTlsX509TrustManager current =
      AdvancedTlsX509TrustManager.newBuilder().build();
  private final RenewedFiles renewed;

  /**
   * Reads the file.
   *
   * @param nanos a clock that only goes forward
   */
  RenewedTrust(Path file, LongSupplier nanos) throws IOException, GeneralSecurityException {
    this.file = file;
    this.renewed = new RenewedFiles(List.of(file), nanos, this::read);
  }

  private void read() throws IOException, GeneralSecurityException {
    X509Certificate[] authorities;
    try (InputStream certificates = Files.newInputStream(file)) {
      authorities = CertificateUtils.getX509Certificates(certificates);
    }
    if (authorities.length == 0) {
      throw new GeneralSecurityException("no certificate in " + file);
    }
    current.updateTrustCredentials(authorities);
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
      throws CertificateException {
    renewed.look();
    current.checkClientTrusted(chain, authType, engine);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
      throws CertificateException {
    renewed.look();
    current.checkServerTrusted(chain, authType, engine);
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket)
      throws CertificateException {
    renewed.look();
    current.checkClientTrusted(chain, authType, socket);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket)
      throws CertificateException {
    renewed.look();
    current.checkServerTrusted(chain, authType, socket);
  }

  /** Refuses: without the connection, the name cannot be checked. */
  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType)
      throws CertificateException {
    current.checkClientTrusted(chain, authType);
  }

  /** Refuses: without the connection, the name cannot be checked. */
  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType)
      throws CertificateException {
    current.checkServerTrusted(chain, authType);
  }

  /**
   * None, which lets clients show whatever they have: a server's list of names would stay as it was at the start, and clients show
   * nothing whose authority is not in the list.
   */
  @Override
  public X509Certificate[] getAcceptedIssuers() {
    return new X509Certificate[0];
  }
}
