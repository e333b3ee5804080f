package io.quorate.auth;

import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * The secret that all processes of a cluster share: by it they prove themselves to each other, and users' tokens are signed. A
 * token is a JSON Web Token (RFC 7519) signed by HMAC-SHA-256. Any thread; what it does depends on key and arguments alone.
 */
public final class ClusterKey {
  /** A shorter secret could be guessed. */
  public static final int MIN_BYTES = 32;

  /** A token that is longer is none. */
  private static final int TOKEN_CHARS_MAX = 4096;

  /** Clocks of the cluster's machines may differ by so much. */
  private static final long SKEW_SECONDS = 30;

  private static final String ALGORITHM = "HmacSHA256";
  private static final String HEADER = base64("{\"alg\":\"HS256\",\"typ\":\"JWT\"}");

  private final SecretKeySpec key;

  private ClusterKey(byte[] secret) {
    this.key = new SecretKeySpec(secret, ALGORITHM);
  }

  /** One that was never used before. */
  public static ClusterKey random() {
    byte[] secret = new byte[MIN_BYTES];
    new SecureRandom().nextBytes(secret);
    return new ClusterKey(secret);
  }

  /**
   * The content of a file, spaces and line ends at its ends apart.
   *
   * @throws IllegalArgumentException in words for the operator
   */
  public static ClusterKey read(Path file) {
    String text;
    try {
      text = Files.readString(file, StandardCharsets.ISO_8859_1).strip();
    } catch (IOException e) {
      throw new IllegalArgumentException("the cluster's key cannot be read: " + e.getMessage(), e);
    }
    byte[] secret = text.getBytes(StandardCharsets.ISO_8859_1);
    if (secret.length < MIN_BYTES) {
      throw new IllegalArgumentException("the cluster's key in " + file + " has " + secret.length
          + " bytes: make one of " + MIN_BYTES + " or more, such as by 'openssl rand -hex 32'");
    }
    return new ClusterKey(secret);
  }

  /**
   * A token.
   *
   * @param until seconds since 1970 at which it ends
   */
  public String sign(Principal principal, long until) {
    JsonObject claims = new JsonObject();
    claims.addProperty("kind", principal.isSystem() ? "system" : "user");
    claims.addProperty("username", principal.name());
    claims.addProperty("revision", principal.since());
    claims.addProperty("exp", until);
    String body = HEADER + "." + base64(claims.toString());
    return body + "." + Base64.getUrlEncoder().withoutPadding().encodeToString(mac(body));
  }

  /**
   * Who a token speaks for; nothing if it was not signed by this key, or its time is over.
   *
   * @param now seconds since 1970
   */
  public Optional<Principal> verify(String token, long now) {
    int signature = token.lastIndexOf('.');
    // Only what this key's own tokens begin with: a token does not choose how it is checked.
    if (token.length() > TOKEN_CHARS_MAX || signature < 0 || !token.startsWith(HEADER + ".")) {
      return Optional.empty();
    }
    try {
      byte[] given = Base64.getUrlDecoder().decode(token.substring(signature + 1));
      String body = token.substring(0, signature);
      if (!MessageDigest.isEqual(given, mac(body))) {
        return Optional.empty();
      }
      byte[] json = Base64.getUrlDecoder().decode(body.substring(HEADER.length() + 1));
      JsonObject claims =
          JsonParser.parseString(new String(json, StandardCharsets.UTF_8)).getAsJsonObject();
      if (claims.get("exp").getAsLong() + SKEW_SECONDS < now) {
        return Optional.empty();
      }
      return switch (claims.get("kind").getAsString()) {
        case "system" -> Optional.of(Principal.SYSTEM);
        case "user" ->
          Optional.of(Principal.user(
              claims.get("username").getAsString(), claims.get("revision").getAsLong()));
        default -> Optional.empty();
      };
    } catch (IllegalArgumentException | IllegalStateException | JsonParseException e) {
      return Optional.empty();
    }
  }

  private byte[] mac(String text) {
    try {
      Mac mac = Mac.getInstance(ALGORITHM);
      mac.init(key);
      return mac.doFinal(text.getBytes(StandardCharsets.US_ASCII));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String base64(String text) {
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }

  /** Never shows the secret. */
  @Override
  public String toString() {
    return "the cluster's key";
  }
}
