/** The look for the message that `send --reply-to` answers: what each answer of a server says of it. */
import { assertEquals } from "@std/assert";
import type { Link } from "../../lib/client/connection/link.ts";
import { findAnsweredMessage } from "../../lib/client/sending/answered_message.ts";
import { CHATHISTORY } from "../../lib/irc/capability_names.ts";
import { parseMessage } from "../../lib/irc/message.ts";
import { RECEIPTS } from "../../lib/irc/vendor_extensions.ts";
import { pureTest } from "../support/test.ts";

const FULL = [CHATHISTORY, RECEIPTS, "echo-message", "labeled-response", "batch", "message-tags"];

/** The outcome for `m1` in `target`, and the time that the server was given. */
async function find(lines: readonly string[] | undefined, caps = FULL, target = "#a", isClaimed = false) {
  let waitedMs = 0;
  const link = {
    session: { caps: new Map(caps.map((cap) => [cap, ""])), isupport: new Map(), isClaimed },
    request: (_message: unknown, timeoutMs: number) => {
      waitedMs = timeoutMs;
      if (lines === undefined) return Promise.resolve({ kind: "timed_out" });
      return Promise.resolve({ kind: "answered", lines: lines.map((line) => parseMessage(line)!) });
    },
  };
  return [await findAnsweredMessage(link as unknown as Link, target, "m1", 60_000), waitedMs];
}

pureTest(
  "answered message: what is not known for sure is unverified, and the server has a bounded time",
  async () => {
    const found = "@msgid=m1 :b!b@h PRIVMSG #a :x";
    const other = "@msgid=m2 :b!b@h PRIVMSG #a :x";
    const foreign = ":s FAIL CHATHISTORY MESSAGE_ERROR AROUND #a :The msgid is not from this server's log";
    const busy = ":s FAIL CHATHISTORY MESSAGE_ERROR AROUND #a :Older messages cannot be read at the moment";
    assertEquals(await find([found]), ["found", 5000]);
    assertEquals(await find([other]), ["missing", 5000]);
    assertEquals(await find([foreign]), ["missing", 5000]);
    assertEquals(await find([]), ["missing", 5000]);
    assertEquals(await find([busy]), ["unverified", 5000]);
    assertEquals(await find(undefined), ["unverified", 5000]);
    assertEquals(await find([other], [CHATHISTORY]), ["unverified", 5000]); // not a ChatterBox
    assertEquals(await find([], [RECEIPTS]), ["unverified", 0]); // no history
    assertEquals(await find([], FULL, "bob"), ["unverified", 5000]);
    assertEquals(await find([], FULL, "bob", true), ["missing", 5000]);
  },
);
