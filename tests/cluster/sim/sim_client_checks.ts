/** What clients were told, compared with the log. See sim_checks.ts. */
import { assertEquals } from "@std/assert";
import { assert } from "../../../lib/base/assert.ts";
import type { MemoryEventLog } from "../../support/memory_event_log.ts";
import { Oracle } from "../../hub/handover/oracle.ts";
import type { SimPerson } from "./sim_person.ts";

export interface ClientCheckOptions {
  readonly persons: readonly SimPerson[];
  readonly log: MemoryEventLog;
  /** All records that clients missed were still in a ring when they were told of them. */
  readonly isComplete: boolean;
}

export function checkClients(options: ClientCheckOptions): void {
  const oracle = oracleOf(options.persons, options.log);
  checkMessages(options, oracle);
  const contested = contestedIn(options.persons, oracle);
  for (const person of options.persons) {
    checkAnswers(options, person);
    if (!contested.has(person)) checkRecords(options, oracle, person);
  }
}

/**
 * Clients of which one has taken a name while another one had it: the hub does not know the names of users in no room
 * while their front is late. The log does not say which of the two a record is for.
 */
function contestedIn(persons: readonly SimPerson[], oracle: Oracle): Set<SimPerson> {
  const names = persons.map((person) => ({ person, names: namesOf(person, oracle) }));
  const contested = new Set<SimPerson>();
  for (const { person, names: taken } of names) {
    for (const { seq, nick } of taken.slice(1)) {
      for (const { person: other, names: held } of names) {
        const isHeld = held.findLast((each) => each.seq < seq)?.nick === nick && other.endedSeq > seq;
        if (other !== person && isHeld) contested.add(person).add(other);
      }
    }
  }
  return contested;
}

/** What the log says, and which users had gone without a record when a hub started without clients. */
export function oracleOf(persons: readonly SimPerson[], log: MemoryEventLog): Oracle {
  const named = new Oracle(log);
  const names = persons.map((person) => ({ person, names: namesOf(person, named) }));
  return new Oracle(log, (nick, seq) => {
    const owners = names.filter(({ names }) => names.findLast((each) => each.seq < seq)?.nick === nick);
    return owners.every(({ person }) => person.endedSeq <= seq);
  });
}

/** Clients keep their user name. */
function isOf(source: string, { nick: first }: SimPerson): boolean {
  return source.includes(`!~${first}@`);
}

/** The names of a client, each with the record from which on it had it. */
function namesOf(person: SimPerson, { records }: Oracle): { readonly seq: number; readonly nick: string }[] {
  const names = [{ seq: 0, nick: person.nick }];
  for (const { seq, event } of records) {
    if (event.kind === "nick" && isOf(event.source, person)) names.push({ seq, nick: event.nick });
  }
  return names;
}

/** Each message is in the log once for each target, in the order in which its client sent them. */
function checkMessages({ persons }: ClientCheckOptions, { records }: Oracle): void {
  const lines = new Map(
    persons.flatMap((person) =>
      person.sent.flatMap((sent) => sent.text === undefined ? [] : [[sent.text, { person, sent }] as const])
    ),
  );
  const lastOf = new Map<SimPerson, number>();
  const seen = new Set<string>();
  for (const { event } of records) {
    if (event.kind !== "message") continue;
    const [text] = event.text.split(/[\r\n ]/);
    const line = lines.get(text!);
    if (line === undefined) continue; // a notice of the server
    const target = `${text} ${event.target.name}`;
    assert(!seen.has(target), `${line.sent.line} is in the log once for each target`);
    seen.add(target);
    assert(
      line.sent.nth >= (lastOf.get(line.person) ?? 0),
      `${line.sent.line} comes after earlier lines of its client`,
    );
    lastOf.set(line.person, line.sent.nth);
  }
  for (const { told, sent } of persons) {
    for (const { label, line, text } of sent) {
      if (text === undefined) continue;
      const echoes =
        responsesTo(told, label).join("\n").match(new RegExp(` PRIVMSG \\S+ :${text}\\b`, "gm")) ?? [];
      const recorded = [...seen].filter((target) => target.startsWith(`${text} `)).length;
      assert(echoes.length <= recorded, `${line} (${label}) is acknowledged and not in the log`);
    }
  }
}

/** Each line has one answer; of a client that is gone, one at most. */
function checkAnswers({ isComplete }: ClientCheckOptions, { told, sent, ended, nick }: SimPerson): void {
  for (const { label, line } of sent) {
    const { length } = responsesTo(told, label);
    assert(length <= 1, `${line} (${label}) of ${nick} is answered ${length} times`);
    if (ended === undefined && isComplete) {
      assert(length === 1, `${line} (${label}) of ${nick} is not answered`);
    }
  }
}

/** The name that a client has at the end of the log. */
export function lastNickOf(person: SimPerson, oracle: Oracle): string {
  return namesOf(person, oracle).at(-1)!.nick;
}

/** Each client is told each record that concerns it once; a client that is gone, all before the last one that it was told. */
function checkRecords({ isComplete }: ClientCheckOptions, { records }: Oracle, person: SimPerson): void {
  const { told, ended } = person;
  const expected: number[] = [];
  let { nick } = person;
  for (const { seq, event, audience } of records) {
    if (event.kind === "boot") continue;
    const isOwn = isOf(event.source, person);
    const isDirect = event.kind === "message" && event.target.kind === "direct";
    if (audience.has(nick) || isOwn && event.kind === "message") expected.push(seq);
    if (isDirect && isOwn && event.target.name === nick) expected.push(seq); // as it was sent, and as received
    if (event.kind === "nick" && isOwn) ({ nick } = event);
  }
  const lines = seqsTold(told);
  const isOwnLine = (line: string) => isOf(/ :(\S+)/.exec(line)?.[1] ?? "", person);
  const ofOthers = lines.filter(({ line }) => !isOwnLine(line)).map(({ seq }) => seq);
  assertEquals(
    ofOthers,
    ofOthers.toSorted((a, b) => a - b),
    `${nick} is told records of others in their order`,
  );
  const seqs = lines.map(({ seq }) => seq).sort((a, b) => a - b);
  if (ended === undefined && isComplete) {
    assertEquals(seqs, expected, `${nick} is told the records that concern them`);
  } else {
    const counts = new Map<number, number>();
    for (const seq of expected) counts.set(seq, (counts.get(seq) ?? 0) + 1);
    for (const seq of seqs) {
      const left = counts.get(seq) ?? 0;
      assert(left > 0, `${nick} is told record ${seq} too often, or it does not concern them`);
      counts.set(seq, left - 1);
    }
    if (!isComplete) return;
    const last = seqs.at(-1) ?? 0;
    const missing = expected.filter((seq) => seq < last && !seqs.includes(seq));
    assertEquals(missing, [], `${nick} is told all before record ${last}`);
  }
}

/** The responses to the line with `label`, each with all of its lines. */
function responsesTo(told: readonly string[], label: string): string[] {
  const found: string[] = [];
  for (const [at, line] of told.entries()) {
    if (!line.startsWith("@") || !isLabeled(line, label)) continue;
    const ref = / BATCH \+(\S+) /.exec(line)?.[1];
    const end = ref === undefined
      ? at
      : told.findIndex((each, nth) => nth > at && each.endsWith(` BATCH -${ref}`));
    found.push(told.slice(at, end + 1).join("\n"));
  }
  return found;
}

function isLabeled(line: string, label: string): boolean {
  const at = line.indexOf(`label=${label}`);
  if (at < 1 || at > line.indexOf(" ")) return false;
  const after = line[at + 6 + label.length];
  return after === " " || after === ";";
}

/** Lines for records, as they came, each with the sequence number of the record. */
function seqsTold(told: readonly string[]): { readonly seq: number; readonly line: string }[] {
  return told.flatMap((line) => {
    const seq = /^@[^ ]*chatterbox\.chat\/seq=(\d+)/.exec(line)?.[1];
    return seq === undefined ? [] : { seq: Number(seq), line };
  });
}
