package io.quorate.region.script;

import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import io.quorate.region.command.Compare;
import io.quorate.region.command.DeleteRange;
import io.quorate.region.command.Operation;
import io.quorate.region.command.Outcome;
import io.quorate.region.command.Put;
import io.quorate.region.command.Read;
import io.quorate.region.command.Result;
import io.quorate.region.command.Txn;
import io.quorate.region.mvcc.KeyVersion;
import io.quorate.region.mvcc.RangeQuery;
import io.quorate.region.mvcc.Version;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The language of the scripts. A range is {@code a..c}, {@code a..} without end, {@code a*} a prefix; {@code ''} is empty. */
final class Words {
  private Words() {}

  static Bytes bytes(String word) {
    return word.equals("''") ? Bytes.EMPTY : Bytes.utf8(word);
  }

  static KeyRange range(String word) {
    if (word.endsWith("*")) {
      return KeyRange.prefix(Bytes.utf8(word.substring(0, word.length() - 1)));
    }
    int dots = word.indexOf("..");
    return dots < 0
        ? KeyRange.single(bytes(word))
        : KeyRange.of(Bytes.utf8(word.substring(0, dots)), Bytes.utf8(word.substring(dots + 2)));
  }

  /** {@code put k v [prev] [lease=7] [ignore-value] [ignore-lease]}, {@code del r [prev]}, {@code get/range r options}. */
  static Operation operation(String line) {
    List<String> words = List.of(line.split(" "));
    return switch (words.get(0)) {
      case "put" ->
        new Put(
            bytes(words.get(1)),
            bytes(words.get(2)),
            number(words, "lease"),
            words.contains("prev"),
            words.contains("ignore-value"),
            words.contains("ignore-lease"));
      case "del" -> new DeleteRange(range(words.get(1)), words.contains("prev"));
      case "get", "range" -> new Read(query(line));
      default -> throw new IllegalArgumentException(line);
    };
  }

  static RangeQuery query(String line) {
    List<String> words = List.of(line.split(" "));
    String sort = text(words, "sort", "key");
    return new RangeQuery(
        range(words.get(1)),
        number(words, "rev"),
        number(words, "limit"),
        RangeQuery.Target.valueOf(sort.toUpperCase(Locale.ROOT)),
        words.contains("descend")
            ? RangeQuery.Order.DESCEND
            : words.contains("ascend") ? RangeQuery.Order.ASCEND : RangeQuery.Order.NONE,
        words.contains("keys"),
        words.contains("count"),
        number(words, "min-mod"),
        number(words, "max-mod"),
        number(words, "min-create"),
        number(words, "max-create"),
        number(words, "page"),
        words.contains("no-count"));
  }

  private static long number(List<String> words, String name) {
    return Long.parseLong(text(words, name, "0"));
  }

  private static String text(List<String> words, String name, String otherwise) {
    return words.stream()
        .filter(word -> word.startsWith(name + "="))
        .map(word -> word.substring(name.length() + 1))
        .findFirst()
        .orElse(otherwise);
  }

  /**
   * Lines {@code if target range relation what}, {@code then operation}, {@code else operation}; an operation {@code txn} takes the
   * lines below that are indented by two more.
   */
  static Txn txn(List<String> lines) {
    List<Compare> compares = new ArrayList<>();
    List<Operation> success = new ArrayList<>();
    List<Operation> failure = new ArrayList<>();
    for (int i = 1; i < lines.size(); i++) {
      String[] words = lines.get(i).split(" ", 2);
      if (words[0].equals("if")) {
        compares.add(compare(words[1].split(" ")));
        continue;
      }
      List<Operation> branch = words[0].equals("then") ? success : failure;
      if (words[1].equals("txn")) {
        List<String> inner = new ArrayList<>(List.of("txn"));
        while (i + 1 < lines.size() && lines.get(i + 1).startsWith("  ")) {
          inner.add(lines.get(++i).substring(2));
        }
        branch.add(txn(inner));
      } else if (words[1].startsWith("many ")) {
        int count = Integer.parseInt(words[1].substring(5));
        for (int j = 0; j < count; j++) {
          branch.add(Put.of(Bytes.utf8("many" + j), Bytes.EMPTY));
        }
      } else {
        branch.add(operation(words[1]));
      }
    }
    return new Txn(compares, success, failure);
  }

  private static Compare compare(String[] words) {
    Compare.Target target = Compare.Target.valueOf(words[0].toUpperCase(Locale.ROOT));
    Compare.Relation relation = switch (words[2]) {
      case "=" -> Compare.Relation.EQUAL;
      case ">" -> Compare.Relation.GREATER;
      case "<" -> Compare.Relation.LESS;
      default -> Compare.Relation.NOT_EQUAL;
    };
    boolean value = target == Compare.Target.VALUE;
    return new Compare(
        range(words[1]),
        target,
        relation,
        value ? 0 : Long.parseLong(words[3]),
        value ? bytes(words[3]) : Bytes.EMPTY);
  }

  static String tell(Outcome outcome) {
    if (outcome instanceof Outcome.Done done) {
      return "@" + done.revision() + " " + tell(done.result(), "");
    }
    return outcome instanceof Outcome.Refused refused
        ? "refused " + refused.refusal().code() + ": " + refused.refusal().message()
        : outcome.toString();
  }

  private static String tell(Result result, String indent) {
    if (result instanceof Result.PutDone put) {
      return "put" + put.previous().map(kv -> ", was " + tell(kv)).orElse("");
    }
    if (result instanceof Result.Deleted deleted) {
      return "deleted " + deleted.deleted() + list(deleted.previous(), indent);
    }
    if (result instanceof Result.Found found) {
      return "found " + found.range().items().size() + " of " + found.range().count()
          + (found.range().more() ? ", more" : "") + list(found.range().items(), indent);
    }
    Result.TxnDone txn = (Result.TxnDone) result;
    StringBuilder out = new StringBuilder(txn.succeeded() ? "succeeded" : "failed");
    if (txn.results().size() > 16) {
      return out.append(" with ")
          .append(txn.results().size())
          .append(" results")
          .toString();
    }
    txn.results()
        .forEach(inner -> out.append("\n  ").append(indent).append(tell(inner, indent + "  ")));
    return out.toString();
  }

  private static String list(List<KeyVersion> items, String indent) {
    StringBuilder out = new StringBuilder();
    items.forEach(item -> out.append("\n  ").append(indent).append(tell(item)));
    return out.toString();
  }

  private static String tell(KeyVersion item) {
    Version version = item.version();
    return item.key() + "=" + version.value() + " create " + version.createRevision() + " mod "
        + version.modRevision() + " version " + version.version();
  }
}
