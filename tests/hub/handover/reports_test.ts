/** What a hub with fronts reports after a turn. */
import { assertEquals } from "@std/assert";
import { Handover } from "../../../lib/hub/handover/handover.ts";
import { MAX_SESSION_STATE_BYTES } from "../../../lib/hub/handover/state_codec.ts";
import { originOf } from "../../../lib/hub/model/line_origin.ts";
import { GRACE_PERIOD_MS } from "../../../lib/hub/model/config.ts";
import type { HubConfig } from "../../../lib/hub/model/config.ts";
import type { Session } from "../../../lib/hub/model/state/entities.ts";
import { CLAIM_CAPABILITY } from "../../../lib/irc/vendor_extensions.ts";
import { TestHub } from "../../support/hub.ts";
import { pureTest } from "../../support/test.ts";

class Relayed {
  readonly chat: TestHub;
  readonly handover: Handover;
  #numbers = new Map<Session, number>();

  constructor(config: Partial<HubConfig> = {}) {
    this.chat = new TestHub(config);
    this.handover = new Handover(this.chat.hub);
  }

  enter(nick: string): Session {
    const session = this.chat.open();
    this.handover.open(session, { front: "a", session: session.id });
    this.line(session, `NICK ${nick}`, `USER ${nick} 0 * :${nick}`);
    this.report();
    return session;
  }

  line(session: Session, ...lines: string[]): void {
    for (const line of lines) {
      const number = (this.#numbers.get(session) ?? 0) + 1;
      this.#numbers.set(session, number);
      this.handover.line(session, number, line, this.chat.now);
    }
  }

  /** Nicks of sessions with new states, and the lines that are answered. */
  report(): { states: string[]; answered: number[] } {
    this.chat.deliver();
    const { states, answered } = this.handover.takeReport(this.chat.now);
    return {
      states: states.map(({ session }) => session.user?.nick ?? "").sort(),
      answered: answered.map(({ line }) => line),
    };
  }
}

pureTest("reports: a state comes with the answer to the line that changed it, and only then", () => {
  const relayed = new Relayed();
  const ann = relayed.enter("ann");
  for (
    const line of [
      "JOIN #tea",
      "AWAY :tea",
      "MONITOR + ben",
      "NICK anna",
      "MODE anna +i",
      "CAP REQ :batch",
      "SETNAME :Anna",
      "METADATA * SUB url",
      "PART #tea",
    ]
  ) {
    relayed.line(ann, line);
    assertEquals(relayed.report().states.length, 1, line);
  }
  for (
    const line of ["PRIVMSG anna :x", "WHO anna", "PING 1", "NAMES #tea"]
  ) {
    relayed.line(ann, line);
    assertEquals(relayed.report().states, [], line);
  }
});

pureTest("reports: a state that others change comes once in a second", () => {
  const relayed = new Relayed();
  const [ann, ben] = [relayed.enter("ann"), relayed.enter("ben")];
  relayed.line(ann, "JOIN #tea");
  relayed.line(ben, "JOIN #tea");
  relayed.report();
  relayed.line(ann, "MODE #tea +v ben");
  assertEquals(relayed.report(), { states: [], answered: [4] });
  relayed.chat.advance(999);
  assertEquals(relayed.report().states, []);
  relayed.chat.advance(1);
  assertEquals(relayed.report().states, ["ben"]);
  relayed.line(ann, "KICK #tea ben");
  relayed.line(ben, "PING 1");
  assertEquals(relayed.report().states, ["ben"]); // its own line is answered
});

pureTest("reports: of a session with too large a state the earlier one does not stay", () => {
  const relayed = new Relayed({ limits: { channelsPerUser: 20_000, channels: 20_000 }, pieceUnits: 1e9 });
  const ann = relayed.enter("ann");
  const name = (nth: number) => `#${"x".repeat(44)}${nth.toString(36)}`;
  let nth = 0;
  for (let bytes = 0; bytes <= MAX_SESSION_STATE_BYTES;) {
    const names = Array.from({ length: 8 }, () => name(nth++));
    relayed.line(ann, `JOIN ${names.join(",")}`);
    relayed.chat.deliver();
    bytes += names.join("").length;
  }
  const { states } = relayed.handover.takeReport(relayed.chat.now);
  assertEquals(states.map(({ state }) => state.length), [0]);
});

pureTest("reports: a line that waits for a job is answered after it", () => {
  const relayed = new Relayed();
  const ann = relayed.enter("ann");
  relayed.line(ann, "REGISTER * * ann-long-passphrase");
  assertEquals(relayed.report().answered, []);
  const [job] = relayed.chat.takeJobs();
  assertEquals(job?.kind, "derive");
  relayed.chat.hub.resume(ann, () => {}, relayed.chat.now);
  assertEquals(relayed.report().answered, [3]);
});

pureTest("reports: a session that has ended is in none, and its name is free", () => {
  const relayed = new Relayed();
  const ann = relayed.enter("ann");
  relayed.line(ann, "JOIN #tea", "QUIT");
  assertEquals(relayed.report(), { states: [], answered: [] });
  assertEquals(relayed.handover.lines.size, 0);
});

pureTest("reports: a session that left its user in its grace period has ended after that", () => {
  const relayed = new Relayed();
  const { chat, handover } = relayed;
  const enter = () => {
    const session = chat.open();
    handover.open(session, { front: "a", session: session.id });
    relayed.line(session, `CAP REQ :${CLAIM_CAPABILITY}`, `CLAIM ${"k".repeat(43)}`);
    relayed.line(session, "NICK ann", "USER ann 0 * :ann", "CAP END");
    relayed.report();
    return session;
  };
  /** The lines that are answered and the sessions that have ended after the loss of `sessions`. */
  const lose = (...sessions: Session[]) => {
    for (const session of sessions) chat.hub.close(session, "gone", chat.now, true);
    const { answered, closed } = handover.takeReport(chat.now);
    return [answered.map(({ line }) => line), closed.map(({ session }) => session)];
  };
  const first = enter();
  relayed.line(first, "AWAY :tea");
  assertEquals(lose(first), [[6], []]);
  assertEquals(handover.lines.size, 0);
  const second = enter();
  assertEquals(lose(), [[], []], "it was in the report when the user came back");
  const third = enter();
  assertEquals(lose(second, third), [[], [second.id]]);
  chat.hub.tick(chat.now + GRACE_PERIOD_MS);
  assertEquals(lose(), [[], [third.id]]);
});

pureTest("reports: without fronts no record has an origin, and nothing is noted", () => {
  const chat = new TestHub();
  const ann = chat.enter("ann");
  chat.say(ann, "JOIN #tea", "PRIVMSG #tea :x");
  for (let seq = 1; seq < chat.log.nextSeq; seq++) {
    const record = chat.log.read(seq);
    assertEquals(record.kind === "ok" && record.payload[0], 2);
  }
  assertEquals(chat.hub.context.changes, undefined);
});

pureTest("reports: the next line has the next number, except for lines that no front has", () => {
  const relayed = new Relayed();
  const { chat, handover } = relayed;
  const ann = relayed.enter("ann");
  const say = (text: string) => handover.nextLine(ann, text, chat.now);
  say("JOIN #tea");
  assertEquals(relayed.report().answered, [3]);
  handover.skipNumbers(ann, 2);
  for (const text of ["one", "two", "three"]) say(`PRIVMSG #tea :${text}`);
  assertEquals(relayed.report().answered, [4]);
  const origins: (number | undefined)[] = [];
  for (let seq = chat.log.nextSeq - 3; seq < chat.log.nextSeq; seq++) {
    const record = chat.log.read(seq);
    origins.push(record.kind === "ok" ? originOf(record.payload)?.line : undefined);
  }
  assertEquals(origins, [undefined, undefined, 4]);
  const ben = chat.open(); // a session of this process
  handover.nextLine(ben, "NICK ben", chat.now);
  assertEquals(relayed.report().answered, []);
});
