import com.github.jcustenborder.cef.CEFParser;
import com.github.jcustenborder.cef.CEFParserFactory;
import com.github.jcustenborder.cef.Message;
import java.io.BufferedOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;

/**
 * Reads messages as Graylog does, a line each, from standard input. Writes a line for each: its time, its host, the fields of its header,
 * then keys and values by turns, all but the time in hexadecimal digits of UTF-8; an empty line for one that is refused.
 */
public class DecodeByGraylog {
  public static void main(String[] arguments) throws Exception {
    CEFParser parser = CEFParserFactory.create();
    byte[] input = System.in.readAllBytes();
    PrintStream output = new PrintStream(new BufferedOutputStream(System.out), false, StandardCharsets.US_ASCII);
    for (int from = 0, to = 0; to < input.length; to++) {
      if (input[to] != '\n') continue;
      output.println(decoded(parser, new String(input, from, to - from, StandardCharsets.UTF_8)));
      from = to + 1;
    }
    output.flush();
  }

  private static String decoded(CEFParser parser, String line) {
    Message message;
    try {
      message = parser.parse(line);
    } catch (RuntimeException refused) {
      return "";
    }
    if (message == null) return "";
    var parts = new ArrayList<String>();
    parts.add(String.valueOf(message.timestamp().getTime()));
    parts.add(hex(message.host()));
    parts.add(hex(message.deviceVendor()));
    parts.add(hex(message.deviceProduct()));
    parts.add(hex(message.deviceVersion()));
    parts.add(hex(message.deviceEventClassId()));
    parts.add(hex(message.name()));
    parts.add(hex(message.severity()));
    message.extensions().forEach((key, value) -> {
      parts.add(hex(key));
      parts.add(hex(value));
    });
    return String.join(" ", parts);
  }

  private static String hex(String text) {
    return HexFormat.of().formatHex(text.getBytes(StandardCharsets.UTF_8));
  }
}
