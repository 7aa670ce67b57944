import { assertEquals } from "@std/assert";
import { PastedLines } from "../../../lib/tui/terminal/line/pasted_lines.ts";
import { pureTest } from "../../support/test.ts";

pureTest("paste: what begins the line is no command, also where the line was emptied meanwhile", () => {
  const pasted = new PastedLines("/me waves\nsecond", 1000, false);
  const enter = (text: string, cursor: number) => pasted.choose("\r", { text, cursor });
  const sent = (text: string) => ({ kind: "send" as const, text });
  assertEquals(enter("", 0), sent("//me waves\nsecond"));
  assertEquals(enter("/msg bob  now", 9), sent("/msg bob /me waves\nsecond now"));
  assertEquals(enter("x", 1), sent("x/me waves\nsecond"));
  const long = new PastedLines("/quit\n" + "x".repeat(20_000), 16_384, true);
  assertEquals(long.join({ text: "", cursor: 0 }).slice(0, 7), "//quit\n", "also where not all of it fits");
});
