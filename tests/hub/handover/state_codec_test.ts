import { assertEquals } from "@std/assert";
import { encodeUtf8 } from "../../../lib/base/bytes.ts";
import { describeSession, exportSession } from "../../../lib/hub/handover/export_session.ts";
import type { SessionState } from "../../../lib/hub/handover/session_state.ts";
import {
  decodeSessionState,
  encodeSessionState,
  MAX_SESSION_STATE_BYTES,
} from "../../../lib/hub/handover/state_codec.ts";
import { TestHub } from "../../support/hub.ts";
import { login } from "../../support/hub_accounts.ts";
import { pureTest } from "../../support/test.ts";

function filled(): SessionState {
  const chat = new TestHub();
  const ann = chat.enter(
    "ann",
    "batch",
    "labeled-response",
    "draft/multiline",
    "draft/metadata-2",
    "draft/read-marker",
  );
  chat.say(
    ann,
    "JOIN #tea",
    "AWAY :tea",
    "MODE ann +B",
    "MONITOR + ben",
    "METADATA * SUB url",
    "METADATA * SET url :x",
  );
  chat.say(
    ann,
    "PRIVMSG #tea :hello",
    "MARKREAD #tea timestamp=2026-01-02T03:04:05.000Z",
    "PART #tea",
    "JOIN #tea",
  );
  chat.say(ann, "@label=b BATCH +1 draft/multiline #tea");
  const state = describeSession(chat.hub.context, chat.hub.services, ann)!;
  assertEquals([state.openBatch, state.monitored, state.subscriptions], [{ ref: "1", label: "b" }, ["ben"], [
    "url",
  ]]);
  return state;
}

function withMember(state: SessionState, path: string, value: unknown): Uint8Array {
  const copy = { v: 1, ...structuredClone(state) } as Record<string, unknown>;
  const names = path.split(".");
  const last = names.pop()!;
  const parent = names.reduce((object, name) => object[name] as Record<string, unknown>, copy);
  parent[last] = value;
  return encodeUtf8(JSON.stringify(copy));
}

pureTest("session state: it is read as it was written", () => {
  const state = filled();
  const outcome = decodeSessionState(encodeSessionState(state)!);
  assertEquals(outcome, { kind: "ok", state });
});

pureTest("session state: a fault is refused with the member that has it", () => {
  const state = filled();
  const faults: [path: string, value: unknown, why: string][] = [
    ["v", 2, "its version is 2; this server reads 1 to 1"],
    ["v", "1", "state.v is not a number from 0 to 9007199254740991"],
    ["host", 1, "state.host is not a text"],
    ["host", "a\r\nQUIT", "state.host contains a line break or NUL"],
    ["isSecure", 1, "state.isSecure is not true or false"],
    ["caps", {}, "state.caps is not a list"],
    ["monitored", [1], "state.monitored[0] is not a text"],
    [
      "receipts",
      [{ what: "seen", msgid: "", label: "" }],
      "state.receipts[0].what is none of durable, delivered, read",
    ],
    ["phase", undefined, "state.phase is missing"],
    ["phase.kind", "king", "state.phase.kind is none of user, observer"],
    ["phase.rooms", [["#tea", 8]], "state.phase.rooms[0] is not a number from 0 to 7"],
    ["phase.rooms", [["#tea"]], "state.phase.rooms[0] is not a pair"],
    ["phase.modes", "o", "state.phase.modes has an unknown letter"],
    ["phase.signonAt", -1, "state.phase.signonAt is not a number from 0 to 8640000000000000"],
    ["phase.account", "ann", "state.phase.account is not an object"],
  ];
  for (const [path, value, why] of faults) {
    assertEquals(decodeSessionState(withMember(state, path, value)), { kind: "invalid", why }, path);
  }
  const none = decodeSessionState(new Uint8Array([0x7b, 0xff]));
  assertEquals(none, { kind: "invalid", why: "it is not JSON in UTF-8" });
});

pureTest("session state: what is too large is neither written nor read", () => {
  const long = "x".repeat(MAX_SESSION_STATE_BYTES);
  assertEquals(encodeSessionState({ ...filled(), host: long }), undefined);
  assertEquals(decodeSessionState(encodeUtf8(long + "x")), { kind: "invalid", why: "it is too large" });
});

pureTest("session state: it holds no password, no key and no token", () => {
  const chat = new TestHub({ password: "server-secret" });
  const ann = chat.open();
  const key = "K".repeat(43);
  chat.say(
    ann,
    "CAP REQ :chatterbox.chat/claim",
    `CLAIM ${key}`,
    "PASS server-secret",
    "NICK ann",
    "USER ann 0 * :Ann",
  );
  chat.say(ann, "CAP END");
  const open = new TestHub();
  const bob = login(open, "bob");
  for (const [{ hub }, session] of [[chat, ann], [open, bob]] as const) {
    const text = new TextDecoder().decode(exportSession(hub.context, hub.services, session));
    assertEquals(text.includes(`"nick":"${session.user!.nick}"`), true);
    for (const secret of [key, "server-secret", "storedKey", "salt"]) {
      assertEquals(text.includes(secret), false);
    }
  }
});

pureTest("session state: a session that is not registered has none", () => {
  const chat = new TestHub();
  const session = chat.open();
  chat.say(session, "NICK ann");
  assertEquals(exportSession(chat.hub.context, chat.hub.services, session), undefined);
});
