import { assertEquals } from "@std/assert";
import { ServerLog } from "../../lib/server/server_log.ts";
import { START } from "../support/hub.ts";
import { pureTest } from "../support/test.ts";

function log(format: "text" | "json"): { log: ServerLog; lines: string[] } {
  const lines: string[] = [];
  return { lines, log: new ServerLog(format, { now: () => START }, (line) => lines.push(line)) };
}

pureTest("who came, left, changed the name or was refused: one line each", () => {
  const { log: text, lines } = log("text");
  text.serverEvent({ kind: "came", nick: "alice", host: "::1", sessions: 1 });
  text.serverEvent({ kind: "came", nick: "alice", host: "::1", sessions: 2 });
  text.serverEvent({ kind: "left", nick: "alice", host: "::1", reason: "Quit: bye", sessions: 1 });
  text.serverEvent({ kind: "left", nick: "alice", host: "::1", reason: "Connection reset", sessions: 0 });
  text.serverEvent({ kind: "renamed", nick: "alice", to: "alicia" });
  text.serverEvent({ kind: "turned_away", nick: "*", host: "::1", reason: "Registration timed out" });
  text.serverEvent({ kind: "login_failed", nick: "*", host: "::1" });
  text.serverEvent({ kind: "login_failed", nick: "alice", host: "::1" });
  text.serverEvent({ kind: "login_failed", nick: "alice", host: "::1", account: "none" });
  text.serverEvent({ kind: "administered", by: "bob", command: "mode #tea +mQ", failure: "partly_done" });
  text.serverEvent({ kind: "opered", nick: "alice" });
  text.serverEvent({ kind: "deopered", nick: "alice" });
  text.serverEvent({ kind: "killed", nick: "bob", by: "alice", reason: "too loud" });
  text.serverEvent({ kind: "banned", mask: "name:bob", by: "alice", until: START, reason: "too loud" });
  text.serverEvent({ kind: "muted", mask: "name:bob", by: "alice", until: 0, reason: "" });
  text.serverEvent({ kind: "unbanned", mask: "name:bob", by: "alice" });
  assertEquals(lines.map((line) => line.replace(/^2026-01-0\d \d\d:\d\d:\d\d /, "")), [
    "alice connected from ::1\n",
    "alice connected from ::1 (session 2)\n",
    "alice disconnected: Quit: bye (1 more open)\n",
    "alice disconnected: Connection reset\n",
    "alice is now alicia\n",
    "::1 disconnected before registration: Registration timed out\n",
    "login failed from ::1\n",
    "login failed from ::1 as alice\n",
    "::1 (alice) tried to log in to an account that does not exist\n",
    'bob ran "mode #tea +mQ", which was done in part\n',
    "alice is now a server operator\n",
    "alice is no longer a server operator\n",
    "alice killed bob: too loud\n",
    "alice banned name:bob until 2026-01-02 03:04:05Z: too loud\n",
    "alice muted name:bob permanently\n",
    "alice unbanned name:bob\n",
  ]);
});

pureTest("levels are told, and foreign text is one harmless line", () => {
  const { log: text, lines } = log("text");
  text.warning("sync", "first\nsecond \x1b[2J");
  text.error("sync", "third");
  assertEquals(lines.map((line) => line.slice(20)), ["warning: first␊second ␛[2J\n", "error: third\n"]);
});

pureTest("as JSON, one object a line", () => {
  const { log: json, lines } = log("json");
  json.serverEvent({ kind: "left", nick: "a", host: "h", reason: "b\nc", sessions: 0 });
  assertEquals(lines.map((line) => JSON.parse(line)), [{
    time: "2026-01-02T03:04:05.000Z",
    level: "info",
    event: "left",
    kind: "left",
    nick: "a",
    host: "h",
    reason: "b\nc",
    sessions: 0,
    text: "a disconnected: b\nc",
  }]);
  assertEquals(lines[0]!.indexOf("\n"), lines[0]!.length - 1);
});

pureTest(
  "what --oper means is told at a start; where it has no effect as a warning that says what to do",
  () => {
    const { log: text, lines } = log("text");
    text.serverEvent({ kind: "oper_named", name: "alice", since: START });
    text.serverEvent({ kind: "oper_missing", name: "boss" });
    text.serverEvent({ kind: "oper_changed", name: "carol" });
    assertEquals(lines.map((line) => line.slice(20)), [
      "alice, an account since 2026-01-02, is an operator (--oper)\n",
      'warning: --oper boss has no effect: there is no account boss. "chatterbox admin register boss" creates it; ' +
      "until then the name cannot be registered over the network\n",
      "warning: --oper carol has no effect: the account that was an operator has been deleted, and the present account " +
      'carol is another one. "chatterbox admin oper carol" makes it an operator\n',
    ]);
  },
);
