/**
 * Random chats over fronts with a hub that is killed at random places. The log alone (oracle.ts) says what each client must
 * have been told.
 */
import { assertEquals } from "@std/assert";
import { assert } from "../../../lib/base/assert.ts";
import { UNLIMITED_RATE } from "../../../lib/base/token_bucket.ts";
import { Random } from "../../irc/property.ts";
import { Cluster } from "./fronts.ts";
import type { Client, KillPoint } from "./fronts.ts";
import { Killed } from "./killable_log.ts";
import { Oracle } from "./oracle.ts";

const CAPS = [
  "batch",
  "labeled-response",
  "echo-message",
  "message-tags",
  "chatterbox.chat/seq",
  "draft/multiline",
];
const ROOMS = ["#tea", "#coffee", "#Cocoa"];
const NICKS = ["ann", "ben", "cat", "dan", "eve", "fay"];

/** A line that was sent, with the answer that came for it. */
interface Sent {
  readonly client: Client;
  readonly nth: number;
  readonly label: string;
  readonly line: string;
  /** Of a message: its text, which no other has. */
  readonly text: string | undefined;
}

class Chat {
  readonly cluster: Cluster;
  readonly people: Client[];
  /** Observers of all rooms, one at each front. */
  readonly observers: Client[];
  readonly sent: Sent[] = [];
  /** By client: what it was told in all. */
  readonly told = new Map<Client, string[]>();
  readonly away = new Map<Client, string>();
  readonly monitored = new Map<Client, Set<string>>();
  /** Nicks by the records that changed them. */
  readonly firstNick = new Map<Client, string>();
  #count = 0;
  #nicks = 0;

  constructor(readonly random: Random) {
    this.cluster = new Cluster(1 + random.below(3), {
      replay: 0,
      limits: { nickChanges: UNLIMITED_RATE },
    });
    this.people = NICKS.map((nick) => this.cluster.enter(nick, random.pick(this.cluster.fronts), CAPS));
    this.observers = this.cluster.fronts.map((front, nth) => {
      const observer = this.cluster.enter(`eye${nth}`, front, [...CAPS, "chatterbox.chat/observer"]);
      this.cluster.say(observer, "FOLLOW *");
      observer.heard();
      this.told.set(observer, []);
      return observer;
    });
    for (const client of this.people) {
      this.told.set(client, []);
      this.away.set(client, "");
      this.monitored.set(client, new Set());
    }
  }

  run(rounds: number): void {
    for (let round = 0; round < rounds; round++) {
      this.cluster.now += this.random.below(700);
      for (let lines = this.random.below(6); lines >= 0; lines--) this.#send(this.random.pick(this.people));
      if (this.random.chance(4)) this.#killWithin();
      else this.#turn();
      this.#collect();
    }
    this.cluster.turn();
    this.#collect();
  }

  #turn(): void {
    this.cluster.work();
    if (!this.random.chance(4)) return this.cluster.endTurn();
    const points: KillPoint[] = ["before effects", "between fronts", "after all"];
    this.cluster.kill(this.random.pick(points), this.random.chance(2));
  }

  #killWithin(): void {
    this.cluster.log.kill = { after: this.random.below(4), isAppended: this.random.chance(2) };
    try {
      this.cluster.work();
      this.cluster.log.kill = undefined;
      this.cluster.endTurn();
    } catch (error) {
      if (!(error instanceof Killed)) throw error;
      this.cluster.takeOver();
    }
  }

  #collect(): void {
    for (const [client, told] of this.told) told.push(...client.heard());
  }

  #say(client: Client, line: string, text?: string): void {
    const label = `l${this.#count++}`;
    this.sent.push({ client, nth: this.sent.length, label, line, text });
    this.cluster.send(client, `@label=${label}${line.startsWith("@") ? `;${line.slice(1)}` : ` ${line}`}`);
  }

  #send(client: Client): void {
    const { random } = this;
    const [room, nick] = [random.pick(ROOMS), random.pick(NICKS)];
    const text = `t${this.#count}`;
    switch (random.below(14)) {
      case 0:
        return this.#say(client, `JOIN ${room}`);
      case 1:
        return this.#say(client, `JOIN ${ROOMS.join(",")}`);
      case 2:
        return this.#say(client, `PART ${room} :bye`);
      case 3:
        return this.#say(client, `${random.pick(["TOPIC", "TOPIC", "KICK"])} ${room} ${nick}`);
      case 4:
        return this.#say(client, `MODE ${room} ${random.pick(["+o", "-o", "+v", "-v"])} ${nick}`);
      case 5:
        return this.#away(client, random.pick(["", text]));
      case 6:
        return this.#monitor(client, random.pick(["+", "-"]), nick);
      case 7:
        return this.#say(
          client,
          random.pick([`WHO ${room}`, `NAMES ${room}`, `PING ${text}`, `WHOIS ${nick}`]),
        );
      case 8:
        return random.chance(2) ? this.#batch(client, room, text) : this.#rename(client);
      case 9:
        return this.#say(client, `PRIVMSG ${nick} :${text}`, text);
      case 10:
        return this.#say(client, `PRIVMSG ${room},${nick} :${text}`, text);
      default:
        return this.#say(client, `PRIVMSG ${room} :${text}`, text);
    }
  }

  #away(client: Client, text: string): void {
    this.away.set(client, text);
    this.#say(client, `AWAY :${text}`);
  }

  #monitor(client: Client, sign: string, nick: string): void {
    const names = this.monitored.get(client)!;
    if (sign === "+") names.add(nick);
    else names.delete(nick);
    this.#say(client, `MONITOR ${sign} ${nick}`);
  }

  /** A name that no user has had, so that names of lines never mean another user. */
  #rename(client: Client): void {
    this.#say(client, `NICK ${client.nick}${(this.#nicks++).toString(36)}`);
  }

  #batch(client: Client, room: string, text: string): void {
    const ref = `r${this.#count}`;
    this.#say(client, `BATCH +${ref} draft/multiline ${room}`, text);
    this.cluster.send(
      client,
      `@batch=${ref} PRIVMSG ${room} :${text}`,
      `@batch=${ref} PRIVMSG ${room} :more`,
    );
    if (this.random.chance(2)) this.#turn();
    this.cluster.send(client, `BATCH -${ref}`);
  }
}

/** The responses to the line with `label`, each with all of its lines. */
function responsesTo(told: readonly string[], label: string): string[] {
  const found: string[] = [];
  for (const [at, line] of told.entries()) {
    if (!new RegExp(`^@[^ ]*\\blabel=${label}(;| )`).test(line)) continue;
    const ref = / BATCH \+(\S+) /.exec(line)?.[1];
    const end = ref === undefined
      ? at
      : told.findIndex((each, nth) => nth > at && each.endsWith(` BATCH -${ref}`));
    found.push(told.slice(at, end + 1).join("\n"));
  }
  return found;
}

/** Sequence numbers of the records that a client was told, as they came. */
function seqsTold(told: readonly string[]): number[] {
  return told.flatMap((line) => {
    const seq = /^@[^ ]*chatterbox\.chat\/seq=(\d+)/.exec(line)?.[1];
    return seq === undefined ? [] : Number(seq);
  });
}

function check(chat: Chat): void {
  const oracle = new Oracle(chat.cluster.log);
  checkMessages(chat, oracle);
  for (const client of chat.people) checkClient(chat, oracle, client);
  for (const client of chat.observers) checkObserver(chat, oracle, client);
  checkState(chat, oracle);
}

function checkMessages({ sent, told }: Chat, { records }: Oracle): void {
  const lastOf = new Map<Client, number>();
  const counts = new Map<string, number>();
  for (const { event } of records) {
    if (event.kind !== "message") continue;
    const text = event.text.split(/[\r\n]/)[0]!;
    const line = sent.find((each) => each.text === text)!;
    const target = `${text} ${event.target.name}`;
    counts.set(target, (counts.get(target) ?? 0) + 1);
    assertEquals(counts.get(target), 1, `${line.line} is in the log once for each target`);
    assert(
      line.nth >= (lastOf.get(line.client) ?? 0),
      `${line.line} comes after earlier lines of its client`,
    );
    lastOf.set(line.client, line.nth);
  }
  for (const { client, label, line, text } of sent) {
    const responses = responsesTo(told.get(client)!, label);
    assertEquals(responses.length, 1, `${line} (${label}) of ${client.nick} is answered once`);
    if (text === undefined) continue;
    const echoes = responses[0]!.match(new RegExp(` PRIVMSG \\S+ :${text}$`, "gm")) ?? [];
    const recorded = [...counts].filter(([target]) => target.startsWith(`${text} `)).length;
    assertEquals(echoes.length, recorded, `${line} (${label}) has its echoes: ${responses[0]}`);
  }
}

/** Each client is told each record that concerns it once, and those that others cause in the order of the log. */
function checkClient({ told }: Chat, { records }: Oracle, client: Client): void {
  const expected: number[] = [];
  let { nick } = client;
  for (const { seq, event, audience } of records) {
    const isOwn = event.kind !== "boot" && event.source.startsWith(`${nick}!`);
    // A message to oneself comes twice: as it was sent, and received.
    const isTwice = event.kind === "message" && event.target.kind === "direct" && isOwn &&
      event.target.name === nick;
    if (audience.has(nick) || isOwn && event.kind === "message") expected.push(seq);
    if (isTwice) expected.push(seq);
    if (event.kind === "nick" && isOwn) nick = event.nick;
  }
  const seqs = seqsTold(told.get(client)!);
  assertEquals(
    seqs.toSorted((a, b) => a - b),
    expected,
    `${client.nick} is told the records that concern them`,
  );
}

/** An observer of all rooms is told each record of one once, in the order of the log. */
function checkObserver({ told }: Chat, { records }: Oracle, client: Client): void {
  const expected = records.flatMap(({ seq, isOfRoom }) => isOfRoom ? seq : []);
  assertEquals(seqsTold(told.get(client)!), expected, `${client.nick} is told all that happens in rooms`);
}

function checkState({ cluster, people, away, monitored }: Chat, oracle: Oracle): void {
  const { state } = cluster.hub.context;
  for (const client of people) {
    const { user } = client.session!;
    assert(user !== undefined && client.endReason === undefined, `${client.nick} is still there`);
    assertEquals(user.away, away.get(client), `${client.nick} is away as they said`);
    assertEquals(
      new Set(cluster.hub.services.monitors.watched(client.session!)),
      monitored.get(client),
      `${client.nick} monitors what they said`,
    );
  }
  const rooms = Array.from(
    state.channels.values(),
    ({ folded, members }) =>
      [folded, Array.from(members, ([{ nick }, bits]) => `${bits} ${nick}`).sort()] as const,
  ).filter(([, members]) => members.length > 0).sort();
  const expected = Array.from(
    oracle.rooms,
    ([folded, members]) => [folded, Array.from(members, ([nick, bits]) => `${bits} ${nick}`).sort()] as const,
  ).filter(([, members]) => members.length > 0).sort();
  assertEquals(rooms, expected, "rooms have the members that the log has");
}

const SEEDS = 150;
/** Seeds beyond those that have found something. */
const MORE_SEEDS = [873, 642787539];

Deno.test("whenever a hub is killed: nothing is lost, doubled or out of order, and no client sees it", () => {
  const seeds = [...Array.from({ length: SEEDS }, (_, nth) => nth + 1), ...MORE_SEEDS];
  for (const seed of seeds) {
    const chat = new Chat(new Random(seed));
    try {
      chat.run(12);
      check(chat);
    } catch (cause) {
      throw new Error(`fails with seed ${seed}: ${cause instanceof Error ? cause.message : cause}`, {
        cause,
      });
    }
  }
});
