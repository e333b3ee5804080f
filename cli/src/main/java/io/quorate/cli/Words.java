package io.quorate.cli;

import io.quorate.model.Bytes;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Splits a line into words as a shell would: separated by blanks, {@code "…"} with the escapes {@code \" \\ \n \t \xNN},
 * {@code '…'} as it stands. Pure.
 */
final class Words {
  private final String line;
  private int at;

  private Words(String line) {
    this.line = line;
  }

  /**
   * The words of the line.
   *
   * @throws IllegalArgumentException if a quote is not closed or an escape not known
   */
  static List<Bytes> of(String line) {
    return new Words(line).split();
  }

  private List<Bytes> split() {
    List<Bytes> words = new ArrayList<>();
    while (true) {
      while (at < line.length() && Character.isWhitespace(line.charAt(at))) {
        at++;
      }
      if (at == line.length()) {
        return words;
      }
      words.add(word());
    }
  }

  private Bytes word() {
    ByteArrayOutputStream word = new ByteArrayOutputStream();
    while (at < line.length() && !Character.isWhitespace(line.charAt(at))) {
      char c = line.charAt(at);
      if (c == '"') {
        doubleQuoted(word);
      } else if (c == '\'') {
        int end = line.indexOf('\'', at + 1);
        if (end < 0) {
          throw unclosed();
        }
        write(word, line.substring(at + 1, end));
        at = end + 1;
      } else {
        at += copyCharacter(word);
      }
    }
    return Bytes.wrap(word.toByteArray());
  }

  private void doubleQuoted(ByteArrayOutputStream word) {
    at++;
    while (at < line.length() && line.charAt(at) != '"') {
      if (line.charAt(at) == '\\') {
        escape(word);
      } else {
        at += copyCharacter(word);
      }
    }
    if (at == line.length()) {
      throw unclosed();
    }
    at++;
  }

  private void escape(ByteArrayOutputStream word) {
    char kind = at + 1 < line.length() ? line.charAt(at + 1) : ' ';
    at += 2;
    switch (kind) {
      case '"', '\\' -> word.write(kind);
      case 'n' -> word.write('\n');
      case 't' -> word.write('\t');
      case 'x' -> {
        if (at + 2 > line.length()) {
          throw unclosed();
        }
        word.write(Integer.parseInt(line.substring(at, at + 2), 16));
        at += 2;
      }
      default -> throw new IllegalArgumentException("unknown escape \\" + kind + " in: " + line);
    }
  }

  private int copyCharacter(ByteArrayOutputStream word) {
    String character = new String(Character.toChars(line.codePointAt(at)));
    write(word, character);
    return character.length();
  }

  private static void write(ByteArrayOutputStream word, String text) {
    word.writeBytes(text.getBytes(StandardCharsets.UTF_8));
  }

  private IllegalArgumentException unclosed() {
    return new IllegalArgumentException("a quote is not closed in: " + line);
  }
}
