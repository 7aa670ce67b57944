/**
 * Who said what, what was answered, and what others heard, over all servers that worked on one data folder; and the judgement
 * of what a server that has ended left in its file. Every text is said under one author and number, so it stands for its
 * message. What may be lost: what was acknowledged but not synced when a server was killed, and nothing else.
 */
import { NOTHING_STORED } from "./stored.ts";
import type { StoredLog, StoredMessage } from "./stored.ts";
import type { Tally } from "./tally.ts";

export interface Said {
  readonly by: string;
  readonly target: string;
  readonly text: string;
  /** Rises with each message of an author. */
  readonly number: number;
  /** The author's own id for it; undefined: it is said once and never again. */
  readonly id: string | undefined;
  /** The author wants to know when it is durable. */
  readonly awaits: boolean;
  /** Which of the author's connections it was first said on: without an id, order is kept within one. */
  readonly connection: number;
  times: number;
  /** It is said again behind later ones, because a hub has ended with it. */
  isReordered?: boolean;
}

/** How a server ended. */
export interface Death {
  /** Undefined: in order. Else when it was killed, in ms of `performance.now()`. */
  readonly killedAt: number | undefined;
  /** When hubs before the last one were killed, with fronts. */
  readonly earlierKills?: readonly number[];
  readonly sync: number | "always";
  /** Beyond `sync` a message has so long to get to disk, in ms; Infinity: nobody looks at the time. */
  readonly slackMs: number;
}

/** An answer of a server that was killed takes so long at most. */
const ON_ITS_WAY_MS = 2000;

interface Ack {
  readonly said: Said;
  readonly seq: number;
  /** When it came first, in ms of `performance.now()`. */
  readonly at: number;
  durable: boolean;
}

export class Ledger {
  readonly tally: Tally;
  /** As the file was after the last judgement. */
  stored: StoredLog = NOTHING_STORED;
  /** The ring of the server at work may be overwritten while somebody waits for an answer about it. */
  isSmall = false;
  /** Fronts hold the connections: clients are told what a hub that ended has not answered. */
  isRelayed = false;
  /** Fronts end together with their hub: the names of their users are in use for a while. */
  areNamesKept = false;
  /** Acknowledged, and overwritten in the ring before its server ended. The judge of the archive takes them out. */
  readonly overwritten: { readonly seq: number; readonly text: string }[] = [];
  /** Is told of each message that is acknowledged, and of each that is durable, for the first time. */
  onNews: (news: "acknowledged" | "durable") => void = () => {};
  readonly #said = new Map<string, Said>();
  /** By msgid: acknowledged since the last judgement, and in the file or not lost without leave since. */
  readonly #acks = new Map<string, Ack>();
  readonly #kept = new Set<string>();
  readonly #lost = new Set<string>();
  /** The text that each sequence number was ever shown with. */
  readonly #names = new Map<number, string>();

  constructor(tally: Tally) {
    this.tally = tally;
  }

  say(said: Omit<Said, "times">): Said {
    const entry = { ...said, times: 0 };
    this.#said.set(said.text, entry);
    this.tally.said++;
    return entry;
  }

  /** `text` was shown under this number, live or out of the history. */
  shown(where: string, seq: number, text: string, target: string): void {
    const known = this.#names.get(seq);
    if (known === undefined) this.#names.set(seq, text);
    else if (known !== text) {
      this.tally.fault(`${where}: number ${seq} is ${short(text)}, and was ${short(known)}`);
    }
    const said = this.#said.get(text);
    if (said?.target !== target) this.tally.fault(`${where}: nobody said ${short(text)} to ${target}`);
  }

  acknowledged(said: Said, msgid: string, seq: number): void {
    this.shown(`echo to ${said.by}`, seq, said.text, said.target);
    if (this.#lost.has(msgid)) this.tally.fault(`${msgid} is acknowledged after it was lost`);
    if (this.#acks.has(msgid) || this.#kept.has(msgid)) return;
    this.#acks.set(msgid, { said, seq, at: performance.now(), durable: false });
    this.tally.acknowledged++;
    this.onNews("acknowledged");
  }

  durable(msgid: string): void {
    const ack = this.#acks.get(msgid);
    if (ack === undefined) {
      if (!this.#kept.has(msgid)) this.tally.fault(`${msgid} is durable, and nobody has said it`);
      return;
    }
    if (ack.durable) return;
    ack.durable = true;
    this.tally.durable++;
    this.onNews("durable");
  }

  /** Judges the file that a server has left. */
  judge(stored: StoredLog, death: Death): void {
    const { tally } = this;
    if (stored.damaged > 0) tally.fault(`${stored.damaged} synced records are damaged`);
    if (!this.stored.empty && stored.oldestSeq > this.stored.oldestSeq && !stored.full) {
      tally.fault(`what is older than ${stored.oldestSeq} is gone, though there is room`);
    }
    const present = new Set(stored.messages.map(({ msgid }) => msgid));
    for (const { seq, msgid } of this.stored.messages) {
      if (seq >= stored.oldestSeq && !present.has(msgid)) {
        tally.fault(`${msgid} was in the file after an earlier end, and is gone`);
      }
    }
    for (const [msgid, ack] of this.#acks) {
      if (present.has(msgid)) continue;
      if (ack.seq < stored.oldestSeq) {
        tally.overwritten++;
        this.overwritten.push({ seq: ack.seq, text: ack.said.text });
      } else this.#judgeLoss(msgid, ack, death);
    }
    for (const message of stored.messages) this.#judgeKept(message);
    // With fronts, a hub may lose what it was told, and the next one work on what came later of the same connection.
    const isLossy = death.sync !== "always" && (death.earlierKills ?? []).length > 0;
    const overwriting = isLossy || stored.oldestSeq > this.stored.oldestSeq;
    judgeOrder(stored.messages.map(({ text }) => this.#said.get(text)), overwriting, tally);
    for (const msgid of present) this.#kept.add(msgid);
    this.#acks.clear();
    this.stored = stored;
  }

  #judgeLoss(
    msgid: string,
    { said, at, durable }: Ack,
    { killedAt: last, earlierKills = [], sync, slackMs }: Death,
  ): void {
    this.#lost.add(msgid);
    const kills = last === undefined ? earlierKills : [...earlierKills, last];
    // The first kill after it came, or shortly before: it was on its way then.
    const killedAt = kills.find((kill) => kill > at - ON_ITS_WAY_MS);
    const why = durable
      ? "it was acknowledged as durable"
      : killedAt === undefined
      ? "the server ended in order"
      : sync === "always"
      ? "each answer was to be on disk"
      : killedAt - at > sync + slackMs
      ? `it was acknowledged ${Math.round(killedAt - at)} ms before the kill`
      : undefined;
    if (why === undefined) this.tally.lost++;
    else {
      this.tally.lostWrongly++;
      this.tally.fault(`lost: ${msgid}, ${short(said.text)}: ${why}`);
    }
  }

  #judgeKept({ seq, msgid, from, target, text }: StoredMessage): void {
    this.shown("file", seq, text, target);
    const author = this.#said.get(text)?.by;
    if (author !== from) this.tally.fault(`file: ${short(text)} is from ${from}, and ${author} said it`);
    if (this.#lost.has(msgid)) this.tally.fault(`file: ${msgid} was lost before, and is back`);
  }
}

/**
 * In the log's order: no message twice, and each author's messages in the order in which they were said. While a ring is
 * `overwriting`, or a hub loses its last records, what was said again may have been there before, and gone.
 */
function judgeOrder(log: readonly (Said | undefined)[], overwriting: boolean, tally: Tally): void {
  const seen = new Set<Said>();
  const last = new Map<string, number>();
  for (const said of log) {
    if (said === undefined) continue; // invented: told of before
    if (seen.has(said)) {
      tally.doubled++;
      tally.fault(`file: ${short(said.text)} stands there twice`);
      continue;
    }
    seen.add(said);
    if (overwriting && said.times > 1 || said.isReordered) continue;
    // What is never said again may be read from an old connection after a new one has said later ones again.
    const voice = said.id === undefined ? `${said.by}/${said.connection}` : said.by;
    if ((last.get(voice) ?? -1) > said.number) {
      tally.fault(`file: ${short(said.text)} stands behind what ${said.by} said later`);
    }
    last.set(voice, said.number);
  }
}

export function short(text: string): string {
  return JSON.stringify(text.length > 30 ? `${text.slice(0, 30)}…` : text);
}
