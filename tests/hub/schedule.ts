/**
 * A chat at random over a hub and its log: several clients of several people, lines in turns, the same message said again
 * under the same id, clients that come and go, syncs in the middle of it, servers that are cut off. After each step what
 * everybody was told is held against the log: {@link Truth}.
 */
import { assertEquals } from "@std/assert";
import { assert } from "../../lib/base/assert.ts";
import { parseMessage } from "../../lib/irc/message.ts";
import type { Message } from "../../lib/irc/message.ts";
import { RECEIPTS, SEQ_TAG } from "../../lib/irc/vendor_extensions.ts";
import type { Session } from "../../lib/hub/model/state/entities.ts";
import type { Random } from "../irc/property.ts";
import { TEST_CONFIG, TestHub } from "../support/hub.ts";
import { askHistory } from "./history_model.ts";
import { DiskLog, UnboundedLog } from "./restartable_log.ts";
import type { RestartableLog } from "./restartable_log.ts";
import { Truth } from "./truth.ts";
import type { Fact } from "./truth.ts";

export const CHANNELS = ["#lobby", "#tea"];
const CAPS = [
  "message-tags",
  "server-time",
  "echo-message",
  "batch",
  "labeled-response",
  "draft/chathistory",
  "chatterbox.chat/claim",
  SEQ_TAG,
  RECEIPTS,
].join(" ");
const MAX_SESSIONS = 3;
const MAX_TEXT_LENGTH = 350;
/** Now and then the clock is set by so much. */
const MAX_CLOCK_STEP_MS = 2000;
const STORAGE = { sync: 1000, trouble: undefined };

interface Person {
  readonly nick: string;
  /** Undefined: whoever comes back is somebody else to the log. */
  readonly claim: string | undefined;
  readonly clients: Client[];
  /** What was said under an id. */
  readonly said: Line[];
}

interface Line {
  readonly verb: string;
  readonly id: string;
  readonly target: string;
  readonly text: string;
}

/** One connection, and what it is to be told by the end of the turn. */
interface Client {
  readonly session: Session;
  told: Fact[];
  refused: string[];
  awaited: Fact[];
}

export interface ScheduleOptions {
  readonly random: Random;
  /** Infinity: the log is no ring. */
  readonly capacity: number;
  /** How a server ends, if it does: see {@link RestartableLog.restart}. */
  readonly restarts: "never" | "kill" | "power cut";
}

export class Schedule {
  readonly random: Random;
  readonly truth = new Truth(TEST_CONFIG.logId);
  readonly log: RestartableLog;
  chat: TestHub;
  readonly people: Person[];
  readonly restarts: ScheduleOptions["restarts"];
  #texts = 0;

  constructor({ random, capacity, restarts }: ScheduleOptions) {
    this.random = random;
    this.restarts = restarts;
    this.log = capacity === Infinity ? new UnboundedLog() : new DiskLog(capacity);
    this.chat = new TestHub({ storage: STORAGE }, this.log.events);
    this.people = ["alice", "bob", "carol", "dave"].map((nick, index) => ({
      nick,
      claim: index === 3 ? undefined : nick.padEnd(43, "k"),
      clients: [],
      said: [],
    }));
    for (const person of this.people) this.#enter(person);
  }

  async step(): Promise<void> {
    const { random } = this;
    switch (random.below(12)) {
      case 0:
        return this.#comeOrGo();
      case 1:
        return await this.#sync(random.chance(4) ? random.below(6) : undefined);
      case 2:
      case 3:
        return askHistory(this);
      case 4:
        if (this.restarts === "never" || !random.chance(3)) return;
        // Cut off in the middle of a sync, or between two.
        if (random.chance(2)) await this.#sync(random.below(6));
        return this.#restart();
      default:
        return this.#turn();
    }
  }

  /** A client that is here. */
  anyClient(): Client {
    return this.random.pick(this.people.flatMap(({ clients }) => clients));
  }

  /** Some lines of some clients, then what they led to is delivered. */
  #turn(): void {
    const { random } = this;
    for (let lines = 1 + random.below(random.pick([3, 20])); lines > 0; lines--) {
      const person = random.pick(this.people.filter(({ clients }) => clients.length > 0));
      const client = random.pick(person.clients);
      if (random.chance(8)) this.#await(client);
      else this.#say(person, client, this.#line(person));
    }
    const before = this.chat.now;
    this.chat.now += random.chance(20)
      ? random.below(2 * MAX_CLOCK_STEP_MS) - MAX_CLOCK_STEP_MS
      : random.below(3);
    if (this.chat.now < before) this.truth.setBack();
    this.#deliver();
  }

  #line({ nick, said }: Person): Line {
    const { random } = this;
    if (said.length > 0 && random.chance(4)) { // again, or something else under the same id
      const again = random.chance(2) ? said.at(-1)! : random.pick(said);
      if (!this.truth.doubled.has(again.id)) {
        return random.chance(10) ? { ...again, text: "something else" } : again;
      }
    }
    const others = this.people.map((person) => person.nick).filter((other) => other !== nick);
    const text = `${this.#texts++} `.padEnd(random.below(MAX_TEXT_LENGTH), "x");
    const id = random.chance(3) ? "" : `${nick}/${this.#texts}`;
    const target = random.chance(3) ? random.pick(others) : random.pick(CHANNELS);
    const line = { verb: random.chance(6) ? "NOTICE" : "PRIVMSG", id, target, text };
    if (id !== "") said.push(line);
    return line;
  }

  /** One line, and what has to come of it. */
  #say(person: Person, client: Client, { verb, id, target, text }: Line): void {
    const { hub, now } = this.chat;
    const { events } = this.log;
    const there = id === ""
      ? undefined
      : this.truth.sent(events, hub.services.history.retained, client.session.user!.owner, id);
    const next = events.nextSeq;
    const tags = [
      ...id === "" ? [] : [`chatterbox.chat/id=${id}`],
      ...this.random.chance(6) ? ["label=l"] : [],
    ];
    hub.line(
      client.session,
      `${tags.length > 0 ? `@${tags.join(";")} ` : ""}${verb} ${target} :${text}`,
      now,
    );
    if (there !== undefined) {
      const { event } = there;
      const same = event.verb === verb && event.target.name === target && event.text === text;
      assertEquals(events.nextSeq, next, `${id} is there, and stored again`);
      if (same) client.told.push(there);
      else client.refused.push(`ID_IN_USE ${id} ${there.msgid}`);
      return;
    }
    const receiver = this.people.find(({ nick }) => nick === target);
    if (receiver?.clients.length === 0) return assertEquals(events.nextSeq, next, `${target} is not here`);
    assertEquals(events.nextSeq, next + 1, `${verb} ${target} is stored`);
    const fact = this.truth.append(events, next, now);
    assertEquals([fact.event.target.name, fact.event.text, fact.event.id ?? ""], [target, text, id]);
    const hearers = receiver === undefined ? this.people : [person, receiver];
    for (const each of hearers.flatMap(({ clients }) => clients)) each.told.push(fact);
  }

  #await(client: Client): void {
    const own = this.truth.facts.filter(({ event }) => event.from === client.session.user!.owner);
    if (own.length === 0 || client.awaited.length > 20) return;
    const fact = this.random.pick(own.slice(-20));
    const isThere = this.truth.present(this.log.events, this.chat.hub.services.history.retained).includes(
      fact,
    );
    if (!isThere) client.refused.push(`NO_SUCH_MESSAGE ${fact.msgid}`);
    else client.awaited.push(fact);
    this.chat.hub.line(client.session, `AWAIT durable ${fact.msgid}`, this.chat.now);
  }

  /** The end of a turn: everybody is told what they are to be told, in the log's order, and nothing else. */
  #deliver(): void {
    this.chat.deliver();
    for (const client of this.people.flatMap(({ clients }) => clients)) {
      const told: string[] = [];
      const refused: string[] = [];
      for (const message of this.heard(client)) {
        const { command, params } = message;
        if (command === "FAIL") refused.push(params.slice(1, -1).join(" "));
        else if (command === "AWAIT") this.#durable(client, params[1]!);
        else if (message.tags.has(SEQ_TAG) && (command === "PRIVMSG" || command === "NOTICE")) {
          told.push(shown(message));
        }
      }
      assertEquals(told, client.told.map(asShown));
      assertEquals(refused, client.refused);
      client.told = [];
      client.refused = [];
    }
  }

  heard({ session }: Client): Message[] {
    return this.chat.heard(session).map((line) => parseMessage(line)!);
  }

  #durable(client: Client, msgid: string): void {
    const at = client.awaited.findIndex((fact) => fact.msgid === msgid);
    const lost = this.truth.facts.some((fact) => fact.msgid === msgid && fact.lost);
    assert(at >= 0, `${msgid} is answered to be durable, and ${lost ? "was lost" : "nobody asked"}`);
    const [fact] = client.awaited.splice(at, 1);
    fact!.durable = true;
  }

  async #sync(failsAt: number | undefined): Promise<void> {
    const { receipts } = this.chat.hub.services;
    const ticket = receipts.nextTicket;
    const before = this.log.events.nextSeq;
    const ok = await this.log.sync(() => this.random.chance(2) && this.#turn(), failsAt);
    assert(!ok || this.log.events.durableSeq >= before, "all that was there when it began is durable");
    receipts.handleSync(ticket, ok ? undefined : "the disk fails");
    if (ok) return this.#deliver();
    for (const client of this.people.flatMap(({ clients }) => clients)) { // what it waited for, it is told, failed
      client.refused = client.awaited.map(({ msgid }) => `NOT_DURABLE ${msgid}`);
    }
    this.#deliverFailure();
  }

  /** After a sync that failed: of what is awaited each is answered as durable before, or refused, or goes on waiting. */
  #deliverFailure(): void {
    this.chat.deliver();
    for (const client of this.people.flatMap(({ clients }) => clients)) {
      for (const { command, params } of this.heard(client)) {
        if (command === "AWAIT") this.#durable(client, params[1]!);
        else if (command === "FAIL") {
          assertEquals(params[1], "NOT_DURABLE");
          const at = client.awaited.findIndex(({ msgid }) => msgid === params[2]);
          assert(at >= 0, `${params[2]} is refused, and nobody asked`);
          client.awaited.splice(at, 1);
        }
      }
      client.refused = [];
    }
  }

  /** The server is gone; a new one opens what it has left. */
  #restart(): void {
    const power = this.restarts === "power cut" ? this.random : undefined;
    const before = this.log.events;
    this.log.restart(power);
    this.truth.reopen(before, this.log.events, power === undefined);
    const { now } = this.chat;
    this.chat = new TestHub({ storage: STORAGE }, this.log.events);
    this.chat.now = now + 1;
    for (const person of this.people) {
      person.clients.splice(0);
      this.#enter(person);
    }
  }

  #comeOrGo(): void {
    const person = this.random.pick(this.people);
    const { clients } = person;
    if (clients.length === 0 || this.random.chance(2)) return this.#enter(person);
    if (this.people.every((each) => each === person || each.clients.length === 0)) return;
    const [client] = clients.splice(this.random.below(clients.length), 1);
    this.chat.hub.close(client!.session, "gone", this.chat.now);
    this.#deliver();
  }

  #enter({ nick, claim, clients }: Person): void {
    if (clients.length >= (claim === undefined ? 1 : MAX_SESSIONS)) return;
    const session = this.chat.open();
    clients.push({ session, told: [], refused: [], awaited: [] });
    this.chat.say(
      session,
      `CAP REQ :${CAPS}`,
      ...claim === undefined ? [] : [`CLAIM ${claim}`],
      `NICK ${nick}`,
      `USER ${nick} 0 * :${nick}`,
      "CAP END",
      `JOIN ${CHANNELS.join(",")}`,
    );
    this.#deliver();
  }
}

/** A line of a message as it was shown, without what concerns nobody else. */
export function shown({ tags, source, command, params }: Message): string {
  return [tags.get(SEQ_TAG), tags.get("msgid"), source, command, ...params].join(" ");
}

export function asShown({ seq, msgid, event: { source, verb, target, text } }: Fact): string {
  return [seq, msgid, source, verb, target.name, text].join(" ");
}
