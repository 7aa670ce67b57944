import { assertEquals } from "@std/assert";
import { PastedLines } from "../../../lib/tui/terminal/line/pasted_lines.ts";
import { pureTest } from "../../support/test.ts";

pureTest("paste: what begins the line is no command, also where the line was emptied meanwhile", () => {
  const pasted = new PastedLines("/me waves\nsecond", 1000, false);
  const sent = (texts: string[]) => ({ kind: "send" as const, texts });
  assertEquals(pasted.choose("\r", "/me waves\nsecond"), sent(["//me waves\nsecond"]));
  assertEquals(pasted.choose("\r", "/msg bob /me waves\nsecond"), sent(["/msg bob /me waves\nsecond"]));
  assertEquals(pasted.choose("\r", "x/me waves\nsecond"), sent(["x/me waves\nsecond"]));
});
