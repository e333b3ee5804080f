package io.quorate.client.transport;

import io.grpc.util.AdvancedTlsX509KeyManager;
import io.grpc.util.CertificateUtils;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.file.Files;
import java.security.GeneralSecurityException;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.function.LongSupplier;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/**
 * A certificate chain and its key as they lie in two files, looked at anew when connections begin: who replaces the files needs no
 * restart. Owned by the credentials it is part of; any thread.
 */
final class RenewedIdentity extends X509ExtendedKeyManager {
  private final TlsConfig.Identity files;
  private final AdvancedTlsX509KeyManager current = new AdvancedTlsX509KeyManager();
  private final RenewedFiles renewed;

  /**
   * Reads the files.
   *
   * @param nanos a clock that only goes forward
   */
  RenewedIdentity(TlsConfig.Identity files, LongSupplier nanos)
      throws IOException, GeneralSecurityException {
    this.files = files;
    this.renewed = new RenewedFiles(List.of(files.chain(), files.key()), nanos, this::read);
  }

  private void read() throws IOException, GeneralSecurityException {
    X509Certificate[] chain;
    PrivateKey key;
    try (InputStream certificates = Files.newInputStream(files.chain());
        InputStream secret = Files.newInputStream(files.key())) {
      chain = CertificateUtils.getX509Certificates(certificates);
      key = CertificateUtils.getPrivateKey(secret);
    }
    if (chain.length == 0) {
      throw new GeneralSecurityException("no certificate in " + files.chain());
    }
    requirePair(chain[0].getPublicKey(), key);
    current.updateIdentityCredentials(chain, key);
  }

  /** One file may have been replaced already and the other not yet. */
  private static void requirePair(PublicKey open, PrivateKey secret)
      throws GeneralSecurityException {
    byte[] sample = {1, 2, 3};
    Signature signature = Signature.getInstance(
        secret.getAlgorithm().equals("EC") ? "SHA256withECDSA" : "SHA256withRSA");
    signature.initSign(secret);
    signature.update(sample);
    byte[] signed = signature.sign();
    signature.initVerify(open);
    signature.update(sample);
    if (!signature.verify(signed)) {
      throw new GeneralSecurityException("the key is not that of the certificate");
    }
  }

  @Override
  public String chooseEngineServerAlias(
      String keyType, Principal @Nullable [] issuers, SSLEngine engine) {
    renewed.look();
    return current.chooseEngineServerAlias(keyType, issuers, engine);
  }

  @Override
  public String chooseEngineClientAlias(
      String[] keyTypes, Principal @Nullable [] issuers, SSLEngine engine) {
    renewed.look();
    return current.chooseEngineClientAlias(keyTypes, issuers, engine);
  }

  @Override
  public String chooseServerAlias(String keyType, Principal @Nullable [] issuers, Socket socket) {
    renewed.look();
    return current.chooseServerAlias(keyType, issuers, socket);
  }

  @Override
  public String chooseClientAlias(
      String[] keyTypes, Principal @Nullable [] issuers, Socket socket) {
    renewed.look();
    return current.chooseClientAlias(keyTypes, issuers, socket);
  }

  @Override
  public String[] getServerAliases(String keyType, Principal @Nullable [] issuers) {
    return current.getServerAliases(keyType, issuers);
  }

  @Override
  public String[] getClientAliases(String keyType, Principal @Nullable [] issuers) {
    return current.getClientAliases(keyType, issuers);
  }

  @Override
  public X509Certificate[] getCertificateChain(String alias) {
    return current.getCertificateChain(alias);
  }

  @Override
  public PrivateKey getPrivateKey(String alias) {
    return current.getPrivateKey(alias);
  }
}
