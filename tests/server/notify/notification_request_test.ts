/** The requests that carry notifications, without a network. */
import { assertEquals, assertMatch } from "@std/assert";
import { assert } from "../../../lib/base/assert.ts";
import {
  encodeHeaderText,
  makeNotificationRequest,
} from "../../../lib/server/notify/notification_request.ts";
import { pureTest } from "../../support/test.ts";
import { RINGING } from "./web_target.ts";

/** As RFC 2047 §6.2 says: white space between encoded words is no part of the text. */
function decodeHeaderText(value: string): string {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  return value.replace(/\?= =\?/g, "?==?").replace(
    /=\?UTF-8\?B\?([^?]*)\?=/g,
    (_, base64: string) => decoder.decode(Uint8Array.fromBase64(base64)),
  );
}

pureTest("a header's text: ASCII as it is, all else as encoded words that decode to it", () => {
  assertEquals(encodeHeaderText("ops: page 12 from ci"), "ops: page 12 from ci");
  assertEquals(encodeHeaderText("ü"), "=?UTF-8?B?w7w=?=");
  const texts = [
    "ünï",
    "🔥".repeat(60),
    " a",
    "a ",
    "",
    "=?UTF-8?B?eA==?=",
    "a\r\nEvil: 1",
    "\u0000",
    "a".repeat(500) + "é",
  ];
  for (const text of texts) {
    const value = encodeHeaderText(text);
    assertMatch(value, /^[!-~](?:[ -~]*[!-~])?$/);
    for (const word of value.split(" ")) assert(word.length <= 75, word);
    assertEquals(decodeHeaderText(value), text);
  }
});

pureTest("titles say which page, and what has become of it", () => {
  const titles = (["ringing", "acknowledged", "withdrawn", "expired", "test"] as const).map((state) =>
    makeNotificationRequest("ntfy", { ...RINGING, state, ring: 3, by: "bob" }).headers["Title"]
  );
  assertEquals(titles, [
    "ops: page 12 from ci (ring 3)",
    "ops: page 12 is acknowledged by bob",
    "ops: page 12 is withdrawn by bob",
    "ops: page 12 has expired without an answer",
    "Test notification",
  ]);
});
