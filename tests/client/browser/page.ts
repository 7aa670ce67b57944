/**
 * A page without its views: a client session with a chat on it, and a scripted server in place of a WebSocket. It is
 * bundled for the browser and runs without Deno (browser_bundle_test.ts).
 */
import { listCompletionWords } from "../../../lib/client/commands/completion_words.ts";
import { Chat } from "../../../lib/client/conversation/chat.ts";
import type { Effect } from "../../../lib/client/conversation/effects.ts";
import { ClientSession } from "../../../lib/client/session/client_session.ts";
import type { SessionEvent } from "../../../lib/client/session/session_event.ts";

const CAPS = "message-tags server-time batch labeled-response echo-message draft/chathistory";
const NOW = Date.UTC(2026, 0, 31, 12);

/** What the scripted server says to `line` of the client alice. */
function respond(line: string): string[] {
  const [, label = "", command = "", rest = ""] = /^(?:@label=(\S+) )?(\S+) ?(.*)$/.exec(line)!;
  const batch = (type: string, lines: readonly string[]) => [
    `@label=${label} :s BATCH +b${label} ${type}`,
    ...lines.map((each) => `@batch=b${label}${each}`),
    `:s BATCH -b${label}`,
  ];
  switch (command) {
    case "CAP":
      if (rest.startsWith("LS")) return [`:s CAP * LS :${CAPS}`];
      return rest === "END" ? [":s 001 alice :Welcome"] : [`:s CAP * ACK ${rest.replace("REQ ", "")}`];
    case "PING":
      return [`:s PONG s :${rest}`];
    case "JOIN":
      return batch("labeled-response", [
        " :alice!a@h JOIN #lobby",
        " :s 332 alice #lobby :All are welcome",
        " :s 353 alice = #lobby :@bob alice",
        " :s 366 alice #lobby :End",
      ]);
    case "CHATHISTORY":
      return batch("chathistory #lobby", [
        ";time=2026-01-31T11:58:00.000Z;msgid=m1 :bob!b@h PRIVMSG #lobby :who makes tea?",
      ]);
    case "PRIVMSG":
      return [`@label=${label};time=2026-01-31T12:00:00.000Z;msgid=m2 :alice!a@h PRIVMSG ${rest}`];
    default:
      return [];
  }
}

/** What the page shows: messages, and at the end the other members and whether all is answered. */
function runPage(): string[] {
  const transcript: string[] = [];
  const session = new ClientSession({ nick: "alice" });
  const chat = new Chat({ nick: "alice", home: "#lobby", clock: () => "12:00", newId: () => "id1" });
  const requests = new Map<number, number>();
  const perform = (effect: Effect) => {
    if (effect.kind === "ask") requests.set(session.request(effect.message), effect.id);
    else if (effect.kind === "show" && effect.entry.kind === "message") {
      transcript.push(`<${effect.entry.from}> ${effect.entry.text}`);
    }
  };
  const handle = (event: SessionEvent) => {
    if (event.kind === "registered") {
      transcript.push(`registered as ${event.nick}`);
      chat.handleConnected(session, false, NOW);
    } else if (event.kind === "answer") {
      chat.handleResult(requests.get(event.id)!, { kind: "answered", lines: event.lines }, NOW);
    } else if (event.kind === "line") chat.handleLine(event.message, NOW);
  };
  const exchange = () => {
    for (let lines = session.takeOutput(); lines.length > 0; lines = session.takeOutput()) {
      const events: SessionEvent[] = [];
      for (const line of lines.flatMap(respond)) session.receive(line, events);
      events.forEach(handle);
      chat.takeEffects().forEach(perform);
    }
  };
  session.start();
  exchange();
  chat.say({ target: "#lobby", text: "I do", manner: "said" }, NOW);
  chat.takeEffects().forEach(perform);
  exchange();
  transcript.push(`others: ${[...listCompletionWords(chat).names].join()}; ${chat.isIdle ? "idle" : "busy"}`);
  return transcript;
}

Object.assign(globalThis, { runPage });
