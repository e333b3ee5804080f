package io.quorate.cli;

import io.quorate.client.Compare;
import io.quorate.client.Compare.Relation;
import io.quorate.client.Compare.Target;
import io.quorate.client.DeleteOptions;
import io.quorate.client.RangeOptions;
import io.quorate.client.Txn;
import io.quorate.client.TxnOp;
import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads transactions as people write them: conditions such as {@code version(k) = 0}, and actions such as {@code put k v}.
 * Pure.
 */
final class TxnText {
  private static final Pattern CONDITION = Pattern.compile(
      "(\\w+)\\s*\\(\\s*(\"(?:[^\"\\\\]|\\\\.)*\"|'[^']*'|[^\\s)]+)\\s*\\)\\s*(==|=|!=|<|>)\\s*(.+)");

  private TxnText() {}

  /** From options: each text is one condition or action. */
  static Txn of(List<String> when, List<String> then, List<String> otherwise) {
    return new Txn(
        when.stream().map(TxnText::condition).toList(),
        then.stream().map(TxnText::action).toList(),
        otherwise.stream().map(TxnText::action).toList());
  }

  /** From a text as etcdctl takes it: lines of conditions, an empty line, actions, an empty line, actions otherwise. */
  static Txn of(String text) {
    List<List<String>> paragraphs = new ArrayList<>();
    paragraphs.add(new ArrayList<>());
    for (String line : text.split("\\R", -1)) {
      if (line.isBlank()) {
        paragraphs.add(new ArrayList<>());
      } else if (!line.stripLeading().startsWith("#")) {
        paragraphs.get(paragraphs.size() - 1).add(line);
      }
    }
    if (paragraphs.stream().skip(3).anyMatch(paragraph -> !paragraph.isEmpty())) {
      throw new IllegalArgumentException(
          "a transaction has three paragraphs (conditions, then, else), not more");
    }
    while (paragraphs.size() < 3) {
      paragraphs.add(List.of());
    }
    return of(paragraphs.get(0), paragraphs.get(1), paragraphs.get(2));
  }

  private static Compare condition(String text) {
    Matcher parts = CONDITION.matcher(text.strip());
    if (!parts.matches()) {
      throw new IllegalArgumentException(
          "'" + text + "' is no condition: write it like version(KEY) = 0 or"
              + " value(KEY) = \"TEXT\", with version, create, mod, lease or value, and =, !=, < or >");
    }
    Target target = target(parts.group(1), text);
    List<Bytes> key = Words.of(parts.group(2));
    List<Bytes> operand = Words.of(parts.group(4));
    if (key.size() != 1 || operand.size() != 1) {
      throw new IllegalArgumentException(
          "'" + text + "' compares one key with one value: quote what has blanks");
    }
    return new Compare(
        KeyRange.single(key.get(0)),
        target,
        relation(parts.group(3)),
        target == Target.VALUE ? 0 : number(operand.get(0), text),
        target == Target.VALUE ? operand.get(0) : Bytes.EMPTY);
  }

  private static Target target(String name, String text) {
    return switch (name.toLowerCase(Locale.ROOT)) {
      case "version", "ver" -> Target.VERSION;
      case "create", "c" -> Target.CREATE_REVISION;
      case "mod", "m" -> Target.MOD_REVISION;
      case "lease" -> Target.LEASE;
      case "value", "val" -> Target.VALUE;
      default ->
        throw new IllegalArgumentException(
            "'" + text + "' compares " + name + ": use version, create, mod, lease or value");
    };
  }

  private static Relation relation(String sign) {
    return switch (sign) {
      case "!=" -> Relation.NOT_EQUAL;
      case "<" -> Relation.LESS;
      case ">" -> Relation.GREATER;
      default -> Relation.EQUAL;
    };
  }

  private static long number(Bytes word, String text) {
    try {
      return Long.parseLong(word.toUtf8());
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("'" + word + "' in '" + text + "' is not a number", e);
    }
  }

  private static TxnOp action(String text) {
    List<Bytes> words = new ArrayList<>(Words.of(text));
    String verb = words.isEmpty() ? "" : words.remove(0).toUtf8().toLowerCase(Locale.ROOT);
    long limit = takeLimit(words, text);
    boolean prefix = words.remove(Bytes.utf8("--prefix"));
    if (verb.equals("put") && words.size() == 2 && !prefix && limit == 0) {
      return TxnOp.put(words.get(0), words.get(1));
    }
    boolean read = verb.equals("get");
    if ((read || (verb.equals("del") && limit == 0))
        && (words.size() == 1 || (words.size() == 2 && !prefix))) {
      KeyRange range = words.size() == 2
          ? KeyRange.of(words.get(0), words.get(1))
          : prefix ? KeyRange.prefix(words.get(0)) : KeyRange.single(words.get(0));
      return read
          ? TxnOp.range(range, RangeOptions.DEFAULT.withLimit(limit))
          : TxnOp.delete(range, DeleteOptions.DEFAULT);
    }
    throw new IllegalArgumentException("'" + text + "' is no action: write put KEY VALUE,"
        + " get KEY [END] [--prefix] [--limit N] or del KEY [END] [--prefix]");
  }

  private static long takeLimit(List<Bytes> words, String text) {
    int at = words.indexOf(Bytes.utf8("--limit"));
    if (at < 0 || at + 1 == words.size()) {
      return 0;
    }
    words.remove(at);
    return number(words.remove(at), text);
  }
}
