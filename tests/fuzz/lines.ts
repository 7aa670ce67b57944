/** Lines: whatever bytes come, the splitter, the parser and the hub stand it, and what the hub says is framed. */
import { assertEquals } from "@std/assert";
import { assert } from "../../lib/base/assert.ts";
import { concatBytes, encodeUtf8, utf8Length } from "../../lib/base/bytes.ts";
import { type LineFault, LineSplitter } from "../../lib/irc/line_splitter.ts";
import { formatMessage, parseMessage } from "../../lib/irc/message.ts";
import { Ring, RING_MIN_BYTES } from "../../lib/log/ring.ts";
import type { Random } from "../irc/property.ts";
import { TestHub } from "../support/hub.ts";
import { randomBytes, type Target } from "./target.ts";

/** Modern, "Message Format", and message-tags: a line of the server's with all its tags. */
const MAX_HEARD_BYTES = 8191 + 512;
const LIMITS = { tagsBytes: 4096, restBytes: 512 };
const LINES_A_CASE = 40;
const WORDS = [
  "*",
  "alice",
  "bob",
  "#tea",
  "#lobby",
  "#",
  ":",
  "+b",
  "-o+v",
  "x!*@*",
  "0",
  "-1",
  "9999999999",
  "ſ",
  "İ",
  "🍵",
];
const VERBS = (
  "NICK USER JOIN PART PRIVMSG NOTICE TAGMSG MODE TOPIC KICK INVITE NAMES LIST WHO WHOIS WHOWAS AWAY CAP AUTHENTICATE " +
  "BATCH CHATHISTORY MARKREAD METADATA MONITOR ISON USERHOST REDACT RENAME REGISTER UNREGISTER SETNAME OPER KILL BAN " +
  "TOKEN KEYSHARE STATS LUSERS VERSION TIME ADMIN INFO MOTD PING PONG CLAIM FOLLOW AWAIT SERVERSTATS NODES BANS"
).split(" ");
const CAPS =
  "message-tags batch labeled-response echo-message server-time draft/chathistory draft/multiline sasl";

export const LINES: Target = {
  name: "lines",
  async run(random, note) {
    const bytes = concatBytes(Array.from({ length: LINES_A_CASE }, () => someLine(random)));
    note(JSON.stringify(new TextDecoder("latin1").decode(bytes)));
    const whole = split(bytes, () => bytes.length);
    assertEquals(split(bytes, () => 1 + random.below(80)), whole, "cut into other chunks");
    for (const line of whole) if (typeof line === "string") assertStable(line);
    await assertHubStands(whole, random);
  },
};

function someLine(random: Random): Uint8Array<ArrayBuffer> {
  if (random.chance(12)) return concatBytes([randomBytes(random, 700), encodeUtf8("\n")]);
  const tags = random.chance(3)
    ? `@${random.pick(["label=a", "+x=y", "batch=b", "time=9", "=", ";;", "+draft/reply=1"])} `
    : "";
  const params = Array.from(
    { length: random.below(5) },
    () => random.chance(6) ? random.text("ab:#,\u0001*", 0, 300) : random.pick(WORDS),
  );
  return encodeUtf8(`${tags}${random.pick(VERBS)} ${params.join(" ")}${random.pick(["\r\n", "\n", "\r"])}`);
}

function split(bytes: Uint8Array, size: () => number): (string | LineFault)[] {
  const splitter = new LineSplitter(LIMITS);
  const lines: (string | LineFault)[] = [];
  for (let at = 0; at < bytes.length;) {
    const end = at + size();
    splitter.push(bytes.slice(at, end), lines);
    at = end;
  }
  return lines;
}

/** What is parsed and written again is parsed as the same. */
function assertStable(line: string): void {
  const message = parseMessage(line);
  if (message === undefined || !/^[A-Za-z]+$|^\d{3}$/.test(message.command)) return;
  if (message.params.slice(0, -1).some((param) => param === "" || /^:| /.test(param))) return;
  assertEquals(parseMessage(formatMessage(message)), message);
}

async function assertHubStands(lines: readonly (string | LineFault)[], random: Random): Promise<void> {
  const chat = new TestHub({}, Ring.create(RING_MIN_BYTES));
  const sessions = [chat.open("192.0.2.1"), chat.open("192.0.2.2"), chat.open()];
  chat.say(sessions[0]!, `CAP REQ :${CAPS}`, "NICK alice", "USER a 0 * :A", "CAP END", "JOIN #tea");
  chat.say(sessions[1]!, "NICK bob", "USER b 0 * :B", "JOIN #tea");
  for (const line of lines) chat.say(random.pick(sessions), line);
  await chat.errands();
  chat.advance(1000);
  for (const [index, session] of sessions.entries()) {
    const open = session.closeReason === undefined;
    if (open) chat.say(session, "PING fuzz-end");
    await chat.errands();
    const heard = chat.heard(session);
    for (const line of heard) {
      assert(!/[\r\n\0]/.test(line), `unframed: ${JSON.stringify(line)}`);
      assert(utf8Length(line) + 2 <= MAX_HEARD_BYTES, `too long: ${line}`);
    }
    const answered = heard.some((line) => line.endsWith("fuzz-end"));
    assert(
      !open || answered || session.closeReason !== undefined ||
        session.connection.suspendedLine !== undefined,
      `session ${index} is not answered`,
    );
  }
}
