package io.quorate.cli.proof;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** An authority of a test's own, made by the JDK's keytool, and the certificates that it signs, as PEM files. */
final class TestAuthority {
  private static final char[] PASSWORD = "changeit".toCharArray();
  private static final Base64.Encoder LINES = Base64.getMimeEncoder(64, new byte[] {'\n'});

  private final Path directory;
  private final Path store;

  TestAuthority(Path directory) throws Exception {
    this.directory = directory;
    this.store = directory.resolve("keys.p12");
    Files.createDirectories(directory);
    generate("ca", List.of("-dname", "CN=test authority", "-ext", "bc:c"));
    writeCertificate("ca");
  }

  /** Makes NAME.pem and NAME-key.pem, for processes on the loopback address. */
  void sign(String name) throws Exception {
    generate(
        name,
        List.of("-dname", "CN=" + name, "-signer", "ca", "-ext", "san=ip:127.0.0.1,dns:localhost"));
    writeCertificate(name);
    byte[] key = keys().getKey(name, PASSWORD).getEncoded();
    Files.writeString(file(name + "-key.pem"), pem("PRIVATE KEY", key));
  }

  Path file(String name) {
    return directory.resolve(name);
  }

  /** For a client in this process that trusts the authority and shows one of its certificates. */
  SSLContext context() throws Exception {
    return context(this);
  }

  /** For one that trusts this authority and shows a certificate that another has signed. */
  SSLContext context(TestAuthority signer) throws Exception {
    KeyManagerFactory shown =
        KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    shown.init(signer.keys(), PASSWORD);
    KeyStore authority = KeyStore.getInstance("PKCS12");
    authority.load(null, PASSWORD);
    authority.setCertificateEntry("ca", keys().getCertificate("ca"));
    TrustManagerFactory trusted =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trusted.init(authority);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(shown.getKeyManagers(), trusted.getTrustManagers(), null);
    return context;
  }

  private KeyStore keys() throws IOException, GeneralSecurityException {
    KeyStore keys = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(store)) {
      keys.load(in, PASSWORD);
    }
    return keys;
  }

  private void writeCertificate(String alias) throws IOException, GeneralSecurityException {
    byte[] encoded = keys().getCertificate(alias).getEncoded();
    Files.writeString(file(alias + ".pem"), pem("CERTIFICATE", encoded));
  }

  private void generate(String alias, List<String> more) throws Exception {
    List<String> line = new ArrayList<>(List.of(
        Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
        "-genkeypair",
        "-alias",
        alias,
        "-keyalg",
        "EC",
        "-validity",
        "7",
        "-storetype",
        "PKCS12",
        "-storepass",
        new String(PASSWORD),
        "-keystore",
        store.toString()));
    line.addAll(more);
    Process keytool = new ProcessBuilder(line).redirectErrorStream(true).start();
    String told = new String(keytool.getInputStream().readAllBytes(), US_ASCII);
    if (!keytool.waitFor(60, TimeUnit.SECONDS) || keytool.exitValue() != 0) {
      throw new IllegalStateException("keytool: " + told);
    }
  }

  private static String pem(String kind, byte[] bytes) {
    return "-----BEGIN " + kind + "-----\n" + LINES.encodeToString(bytes) + "\n-----END " + kind
        + "-----\n";
  }
}
