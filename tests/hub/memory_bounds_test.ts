/**
 * What strangers can make the hub remember, added up from the bounds: of one address with all the connections that it may have, and
 * of all together. Raising a bound beyond the budget fails here. The size of each piece was measured; the constant is here, or beside
 * the bound if the hub counts with it.
 */
import { assert, assertEquals } from "@std/assert";
import {
  DEFAULT_LIMITS,
  MAX_FORMER_NAMES,
  MAX_IDLE_SETTINGS,
  MAX_IDLE_TOPICS,
  MAX_INVITES,
  MAX_RECEIPTS,
  MAX_RECEIPTS_TOTAL,
} from "../../lib/hub/model/config.ts";
import {
  MAX_SESSION_MEMORY_BYTES,
  MAX_SESSION_MEMORY_BYTES_PER_ADDRESS,
  SESSION_WORD_BYTES,
  utf16Bytes,
} from "../../lib/hub/services/limits/session_memory.ts";
import {
  CONVERSATIONS_BETWEEN_PRUNES,
  MAX_DIRECT_CONVERSATIONS,
  MAX_IDLE_CHANNELS,
} from "../../lib/hub/history/idle_conversations.ts";
import {
  LIST_ENTRY_BYTES,
  listEntryBytes,
  MAX_LIST_BYTES,
  MAX_LIST_BYTES_PER_ADDRESS,
} from "../../lib/hub/services/limits/list_memory.ts";
import { MARKER_BYTES, MAX_MARKERS, MAX_MARKERS_PER_ACCOUNT } from "../../lib/hub/services/read_markers.ts";
import { MAX_METADATA_BYTES } from "../../lib/hub/services/metadata.ts";
import { MAX_MONITORED } from "../../lib/hub/services/monitors.ts";
import { RETAINED_SHARE } from "../../lib/hub/history/retained_messages.ts";
import type { Session } from "../../lib/hub/model/state/entities.ts";
import {
  MAX_REPLAY_POSITIONS,
  MAX_REPLAY_POSITIONS_PER_ACCOUNT,
  REPLAY_POSITION_BYTES,
} from "../../lib/hub/services/replay_positions.ts";
import { BATCH_TIMEOUT_MS } from "../../lib/hub/verbs/messaging/multiline_batch.ts";
import { MAX_PAST_NAMES } from "../../lib/hub/services/whowas.ts";
import { AWAYLEN, NICKLEN, REALNAMELEN, TOPICLEN, USERLEN } from "../../lib/irc/limits.ts";
import { RECORD_MIN_BYTES } from "../../lib/log/record.ts";
import { DEFAULT_MAX_CLIENTS, DEFAULT_SERVER_LIMITS } from "../../lib/server/settings/limit_flags.ts";
import { DEFAULT_CAPACITY_BYTES } from "../../lib/server/settings/settings.ts";
import { TestHub } from "../support/hub.ts";
import { pureTest } from "../support/test.ts";

const MIB = 1024 * 1024;

/** Of one address: its connections, and the accounts that it makes in a day. */
const MAX_ADDRESS_BYTES = 96 * MIB;
/** Of all, beside the ring itself, with as many clients as there may be: what a connection takes in any case is not in it. */
const MAX_ALL_BYTES = 640 * MIB;

/** Texts of one user: nick, user name, source, real name, away, also before it registered. Two bytes a character, or one. */
const USER_TEXT_BYTES = 2 * 2 * (3 * NICKLEN + 2 * USERLEN + 2 * REALNAMELEN + AWAYLEN + 512);
const INVITE_BYTES = 64;
/** An awaited receipt. Measured (V8 of Deno 2.9): 260 to 505. */
const RECEIPT_BYTES = 512;
/** A conversation without its sequence numbers. Measured (V8 of Deno 2.9): 605 to 730. */
const CONVERSATION_BYTES = 1024;
/** A conversation with offline messages: a folded nick and a number in a map. Measured (V8 of Deno 2.9): about 120. */
const OFFLINE_CONVERSATION_BYTES = 256;
/** Settings of a channel, without masks. Measured (V8 of Deno 2.9): 800. */
const SETTINGS_BYTES = 1024;
/** A number in a timeline, of each record and each conversation that it stands in. */
const SEQ_BYTES = 8;
/** Two slots of twelve bytes for each message, and as much again while the table grows (sender_id_index.ts). */
const SENDER_ID_BYTES = 2 * 2 * 12;

function sum(parts: Readonly<Record<string, number>>): number {
  return Object.values(parts).reduce((total, bytes) => total + bytes, 0);
}

pureTest("memory: what one address can make the server remember stays within its budget", () => {
  const { perAddress } = DEFAULT_SERVER_LIMITS;
  const { registrations } = DEFAULT_LIMITS;
  const accounts = registrations.count * 24 * 3_600_000 / registrations.ms;
  const parts = {
    held: MAX_SESSION_MEMORY_BYTES_PER_ADDRESS,
    lists: MAX_LIST_BYTES_PER_ADDRESS,
    texts: perAddress * USER_TEXT_BYTES,
    awaited: perAddress * MAX_RECEIPTS * RECEIPT_BYTES,
    invites: perAddress * MAX_INVITES * INVITE_BYTES,
    // As long as no other account wants any: those of an account that has fewer stay.
    accountMarkers: Math.min(MAX_MARKERS, accounts * MAX_MARKERS_PER_ACCOUNT) * MARKER_BYTES,
    accountShown: Math.min(MAX_REPLAY_POSITIONS, accounts * MAX_REPLAY_POSITIONS_PER_ACCOUNT) *
      REPLAY_POSITION_BYTES,
    targets: (MAX_IDLE_CHANNELS + MAX_DIRECT_CONVERSATIONS + CONVERSATIONS_BETWEEN_PRUNES) *
      CONVERSATION_BYTES,
    // What waits goes with its conversation.
    waiting: (MAX_DIRECT_CONVERSATIONS + CONVERSATIONS_BETWEEN_PRUNES) * OFFLINE_CONVERSATION_BYTES,
  };
  assert(sum(parts) <= MAX_ADDRESS_BYTES, JSON.stringify({ ...parts, sum: sum(parts) / MIB }));
  assert(sum(parts) > MAX_ADDRESS_BYTES / 2, "the budget is no larger than it has to be");
});

pureTest("memory: what all together can make the server remember stays within its budget", () => {
  const records = DEFAULT_CAPACITY_BYTES / RECORD_MIN_BYTES;
  const targets = DEFAULT_LIMITS.channels + MAX_IDLE_CHANNELS + MAX_IDLE_TOPICS + MAX_IDLE_SETTINGS +
    MAX_DIRECT_CONVERSATIONS;
  const parts = {
    held: MAX_SESSION_MEMORY_BYTES,
    lists: MAX_LIST_BYTES,
    metadata: MAX_METADATA_BYTES,
    awaited: MAX_RECEIPTS_TOTAL * RECEIPT_BYTES,
    markers: MAX_MARKERS * MARKER_BYTES,
    shown: MAX_REPLAY_POSITIONS * REPLAY_POSITION_BYTES,
    waiting: (MAX_DIRECT_CONVERSATIONS + CONVERSATIONS_BETWEEN_PRUNES) * OFFLINE_CONVERSATION_BYTES,
    texts: DEFAULT_MAX_CLIENTS * USER_TEXT_BYTES,
    invites: DEFAULT_MAX_CLIENTS * MAX_INVITES * INVITE_BYTES,
    retained: DEFAULT_CAPACITY_BYTES * RETAINED_SHARE,
    targets: (targets + CONVERSATIONS_BETWEEN_PRUNES) * CONVERSATION_BYTES,
    settings: (DEFAULT_LIMITS.channels + MAX_IDLE_SETTINGS) * SETTINGS_BYTES,
    topics: (DEFAULT_LIMITS.channels + MAX_IDLE_TOPICS) * 2 * 2 * TOPICLEN,
    pastNames: MAX_PAST_NAMES * USER_TEXT_BYTES,
    renames: MAX_FORMER_NAMES * SESSION_WORD_BYTES,
    timelines: 2 * records * SEQ_BYTES,
    senderIds: records * SENDER_ID_BYTES / 4,
  };
  assert(sum(parts) <= MAX_ALL_BYTES, JSON.stringify({ ...parts, sum: sum(parts) / MIB }));
  assert(sum(parts) > MAX_ALL_BYTES / 2, "the budget is no larger than it has to be");
});

function enter(chat: TestHub, nick: string, host: string, ...caps: string[]): Session {
  const session = chat.open(host);
  chat.say(session, `CAP REQ :${caps.join(" ")}`, `NICK ${nick}`, `USER ${nick} 0 * :${nick}`, "CAP END");
  chat.heard(session);
  return session;
}

pureTest(
  "memory: open batches of one address are bounded together, what ends is given back, others are not touched",
  () => {
    const chat = new TestHub({ maxClients: 10_000, limits: { exempt: [] } });
    const caps = ["batch", "draft/multiline", "message-tags"];
    const text = "x".repeat(380);
    let refused = 0;
    const sessions: Session[] = [];
    for (let nth = 0; refused === 0; nth++) {
      assert(nth < 5000, "some day it is too much");
      const session = enter(chat, `m${nth}`, "203.0.113.9", ...caps);
      sessions.push(session);
      chat.say(session, "BATCH +b draft/multiline m0");
      for (let line = 0; line < 10; line++) chat.say(session, `@batch=b PRIVMSG m0 :${text}`);
      refused += chat.heard(session).filter((line) => line.includes(" FAIL BATCH MULTILINE_INVALID ")).length;
      assert(
        chat.hub.services.sessionMemory.total <= MAX_SESSION_MEMORY_BYTES_PER_ADDRESS,
        "the bound of one address holds",
      );
    }
    assertEquals(refused, 1);
    assert(
      chat.hub.services.sessionMemory.total > MAX_SESSION_MEMORY_BYTES_PER_ADDRESS - 20_000,
      "and is used",
    );
    const alice = enter(chat, "alice", "203.0.113.1", ...caps, "echo-message");
    chat.say(alice, "BATCH +b draft/multiline alice", "@batch=b PRIVMSG alice :hello", "BATCH -b");
    assert(chat.heard(alice).some((line) => line.endsWith("PRIVMSG alice :hello")), "others are not touched");
    for (const [nth, session] of sessions.entries()) chat.say(session, nth % 2 === 0 ? "BATCH -b" : "QUIT");
    assertEquals(chat.hub.services.sessionMemory.total, 0);
  },
);

pureTest("memory: a batch counts with its tags, and is given back once, however it ends", () => {
  const chat = new TestHub();
  const alice = enter(chat, "alice", "203.0.113.1", "batch", "draft/multiline", "message-tags");
  chat.say(alice, "MONITOR + a,b,c,d,e,f,g,h");
  const before = chat.hub.services.sessionMemory.total;
  const line = `@batch=b PRIVMSG alice :${"x".repeat(300)}`;
  const tags = `@+a=${"t".repeat(500)} `;
  const endings = [
    ["BATCH -b"], // it says nothing
    [line, "BATCH -b"],
    [line, "@batch=b PRIVMSG bob :hello", "BATCH -b"], // another target: it is given up before its end
    [line, { fault: "too_long" as const, head: "PRIVMSG alice", tags: "batch=b" }, "BATCH -b"],
  ];
  for (const ending of endings) {
    chat.say(alice, `${tags}BATCH +b draft/multiline alice`);
    assert(chat.hub.services.sessionMemory.total > before + utf16Bytes("t".repeat(500)), "it counts");
    chat.say(alice, ...ending);
    assertEquals(chat.hub.services.sessionMemory.total, before);
  }
  chat.say(alice, "BATCH +b draft/multiline alice", line);
  chat.advance(BATCH_TIMEOUT_MS);
  assertEquals(chat.hub.services.sessionMemory.total, before);
  chat.say(alice, "BATCH -b");
  assertEquals(chat.hub.services.sessionMemory.total, before);
});

pureTest(
  "memory: watched names and subscriptions count, and are given back one by one and with their session",
  () => {
    const chat = new TestHub();
    const alice = enter(chat, "alice", "203.0.113.1", "draft/metadata-2");
    const names = Array.from({ length: MAX_MONITORED }, (_, nth) => `n${nth}`);
    chat.say(alice, `MONITOR + ${names.slice(0, 50).join()}`, `MONITOR + ${names.slice(50).join()}`);
    const watched = chat.hub.services.sessionMemory.total;
    assert(watched >= MAX_MONITORED * SESSION_WORD_BYTES, "they count");
    chat.say(alice, `MONITOR + ${names[0]}`);
    assertEquals(chat.hub.services.sessionMemory.total, watched, "once");
    chat.say(alice, "METADATA * SUB avatar url", "METADATA * SET url :https://example.org");
    const value = SESSION_WORD_BYTES + utf16Bytes("url") + utf16Bytes("https://example.org");
    assertEquals(chat.hub.services.sessionMemory.total, watched + 2 * SESSION_WORD_BYTES + value);
    chat.say(alice, "METADATA * SET url", "METADATA * UNSUB avatar url", `MONITOR - ${names[0]}`);
    assertEquals(chat.hub.services.sessionMemory.total, watched * (MAX_MONITORED - 1) / MAX_MONITORED);
    chat.say(alice, "QUIT");
    assertEquals(chat.hub.services.sessionMemory.total, 0);
  },
);

pureTest(
  "memory: mask lists that one address fills are bounded over all rooms, and what is gone no longer counts",
  () => {
    const chat = new TestHub({ limits: { exempt: [] } });
    const mallory = enter(chat, "mallory", "203.0.113.9");
    let refused: string | undefined;
    let channels = 0;
    for (; refused === undefined; channels++) {
      assert(channels < 100, "some day it is too much");
      chat.say(mallory, `JOIN #r${channels}`);
      for (let mask = 0; mask < 100; mask += 4) {
        const masks = [0, 1, 2, 3].map((nth) => `${"x".repeat(40)}${mask + nth}!*@*`).join(" ");
        for (const list of ["bbbb", "eeee", "IIII"]) {
          chat.say(mallory, `MODE #r${channels} +${list} ${masks}`);
        }
      }
      refused = chat.heard(mallory).find((line) => line.includes(" 478 "));
    }
    assert(refused.endsWith(":Your address has reached the limit of masks that it may set"), refused);
    assert(chat.hub.services.listMemory.total <= MAX_LIST_BYTES_PER_ADDRESS, "the bound holds");
    assert(
      chat.hub.services.listMemory.total > MAX_LIST_BYTES_PER_ADDRESS - 4 * LIST_ENTRY_BYTES,
      "and is used",
    );
    const counted = chat.hub.services.listMemory.total;
    chat.advance(1);
    assertEquals(chat.hub.services.listMemory.total, counted, "counted as it grew");
    const alice = enter(chat, "alice", "203.0.113.1");
    chat.say(alice, "JOIN #dev", "MODE #dev +b mallory!*@*");
    assert(
      chat.heard(alice).some((line) => line.includes(" MODE #dev +b mallory")),
      "others are not touched",
    );
    chat.say(mallory, `MODE #r0 -bbbb ${[0, 1, 2, 3].map((nth) => `${"x".repeat(40)}${nth}!*@*`).join(" ")}`);
    chat.advance(1);
    const mask = { mask: "mallory!*@*", by: alice.user!.source };
    const gone = { mask: `${"x".repeat(40)}0!*@*`, by: mallory.user!.source };
    assertEquals(
      chat.hub.services.listMemory.total,
      counted + listEntryBytes(mask) - 4 * listEntryBytes(gone),
    );
  },
);

pureTest("memory: an invitation to a room that has ended is forgotten", () => {
  const chat = new TestHub();
  const [alice, bob] = [enter(chat, "alice", "203.0.113.1"), enter(chat, "bob", "203.0.113.2")];
  chat.say(
    alice,
    "JOIN #a,#b",
    "MODE #a +i",
    "MODE #b +i",
    "INVITE bob #a",
    "INVITE bob #b",
    "PART #a",
    "JOIN #a",
  );
  chat.advance(1);
  assertEquals([...bob.user!.invites!.keys()].map(({ name }) => name), ["#b"]);
});
