import { assertEquals } from "@std/assert";
import { encodeUtf8 } from "../../../lib/base/bytes.ts";
import { pureTest } from "../../support/test.ts";
import { PlainText } from "./plain_text.ts";

const WRITTEN =
  "\x1b[?2004h#lobby> \x1b[1;31mK\x1b[0m\x1b]0;title\x07x\x1b(B\x1bM\x1bP+q\x1b\\y\x1b]8;;\x1b\\é\r\n";

pureTest("plain text: control sequences are left out, wherever a chunk ends", () => {
  const bytes = encodeUtf8(WRITTEN);
  for (let size = 1; size <= bytes.length; size++) {
    const plain = new PlainText();
    let text = "";
    for (let at = 0; at < bytes.length; at += size) text += plain.add(bytes.subarray(at, at + size));
    assertEquals(text, "#lobby> Kxyé\r\n", `chunks of ${size}`);
  }
});
