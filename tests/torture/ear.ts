/** One who only listens, over a connection that nothing but the end of the server breaks. */
import type { Message } from "../../lib/irc/message.ts";
import { parseSource } from "../../lib/irc/message.ts";
import { SEQ_TAG } from "../../lib/irc/vendor_extensions.ts";
import type { Address } from "../../lib/net/address.ts";
import { LineClient } from "../support/line_client.ts";
import type { Ledger } from "./ledger.ts";
import { short } from "./ledger.ts";
import { CHANNELS } from "./sender.ts";
import type { StoredLog, StoredMessage } from "./stored.ts";

const CAPS = ["message-tags", "server-time", "batch", "draft/chathistory", SEQ_TAG];
/** Messages in one answer: the server's own bound. */
const PAGE = 1000;

/** What says that a user has come, gone, or is another. */
const PRESENCE = new Set(["JOIN", "PART", "QUIT", "KICK", "NICK", "MODE"]);

interface Heard {
  readonly seq: number;
  readonly text: string;
  readonly target: string;
}

export class Ear {
  #client: LineClient | undefined;
  readonly #ledger: Ledger;
  /** Who came and went, as it was told. */
  readonly presence: string[] = [];
  #live: Heard[] = [];
  #page: Heard[] = [];

  constructor(readonly nick: string, ledger: Ledger) {
    this.#ledger = ledger;
  }

  /** Enters the channels; resolves once it hears all that is said there. */
  async enter(address: Address & { kind: "tcp" }): Promise<void> {
    const onMessage = (message: Message) => this.#hear(message);
    this.#client = await LineClient.enter({ address, nick: this.nick, caps: CAPS, onMessage });
    this.#client.send(`JOIN ${CHANNELS.join(",")}`);
    await this.#client.barrier();
  }

  /** The number of the first message that it heard live; 0: none. */
  get first(): number {
    return this.#live[0]?.seq ?? 0;
  }

  /** Resolves when it has heard all that was said so far; false: the connection has ended. */
  async catchesUp(): Promise<boolean> {
    return await this.#client!.barrier();
  }

  close(): void {
    this.#client?.close();
  }

  /** Resolves with the end of its server. */
  async ended(): Promise<void> {
    await this.#client?.ended;
  }

  /** All of a room's history, as the server gives it page by page, oldest first. */
  async history(channel: string): Promise<Heard[]> {
    const pages: Heard[][] = [];
    for (let anchor = "*";;) {
      this.#page = [];
      this.#client!.send(`CHATHISTORY ${anchor === "*" ? "LATEST" : "BEFORE"} ${channel} ${anchor} ${PAGE}`);
      if (!await this.#client!.barrier()) throw new Error("the server ended in the middle of its history");
      if (this.#page.length === 0) return pages.reverse().flat();
      pages.push(this.#page);
      anchor = `msgid=${this.#msgid}`;
    }
  }
  /** Of the first message of the page. */
  #msgid = "";

  /**
   * Holds what was heard live against the file that the server has left: one order, and nothing left out. `before`: the file
   * that the server began with; `all`: nothing was to be said before it was on disk.
   */
  judge(before: StoredLog, after: StoredLog, all: boolean): void {
    const { tally } = this.#ledger;
    const fault = (text: string) => tally.fault(`${this.nick}: ${text}`);
    let last = 0;
    for (const { seq, text, target } of this.#live) {
      this.#ledger.shown(this.nick, seq, text, target);
      if (seq <= last) fault(`${short(text)}, number ${seq}, comes after number ${last}`);
      last = seq;
    }
    const kept = new Set(after.messages.map(({ seq }) => seq));
    const heard = new Set(this.#live.map(({ seq }) => seq));
    const since = before.messages.at(-1)?.seq ?? 0;
    for (const { seq, text } of after.messages) {
      if (seq > since && seq <= last && !heard.has(seq)) fault(`was not told ${short(text)}, number ${seq}`);
    }
    for (const { seq, text } of all ? this.#live : []) {
      if (seq >= after.oldestSeq && !kept.has(seq)) fault(`was told ${short(text)}, which is lost`);
    }
  }

  #hear({ command, params, tags, source = "" }: Message): void {
    if (PRESENCE.has(command)) this.presence.push(`${command} ${parseSource(source).nick} ${params[0]}`);
    if (command !== "PRIVMSG") return;
    const heard = { seq: Number(tags.get(SEQ_TAG)), text: params[1]!, target: params[0]! };
    if (!tags.has("batch")) return void this.#live.push(heard);
    if (this.#page.length === 0) this.#msgid = tags.get("msgid")!;
    this.#page.push(heard);
  }
}

/**
 * Holds a room's history, as the server gives it, against the file that it began with. Whoever has entered since may have
 * cost a full ring its oldest messages, and so may a smaller buffer. Of those the archive has what it had read before: what
 * the server lacks is one run of messages, between the last one in the archive and the first one in the ring.
 */
export function judgeHistory(
  ledger: Ledger,
  channel: string,
  history: readonly Heard[],
  { messages, full }: Pick<StoredLog, "messages" | "full">,
  shrunk: boolean,
): void {
  for (const { seq, text, target } of history) ledger.shown("history", seq, text, target);
  const file = messages.filter(({ target }) => target === channel);
  const first = file[0]?.seq ?? Infinity;
  const known = history.filter(({ seq }) => seq >= first); // before them is what the archive alone has
  let ring = 0;
  while (ring < known.length && isSame(known.at(-1 - ring), file.at(-1 - ring))) ring++;
  const archived = known.slice(0, known.length - ring);
  const gone = file.length - known.length;
  const wrong = archived.findIndex((each, index) => !isSame(each, file[index]));
  if (wrong >= 0 || gone < 0) {
    const { seq, text } = archived[Math.max(wrong, 0)]!;
    return ledger.tally.fault(
      `the history of ${channel} has ${short(text)}, ${seq}, where the file has ${file[wrong]?.seq}`,
    );
  }
  if (gone > 0 && (ring === 0 || !full && !shrunk)) {
    ledger.tally.fault(`the server lacks ${gone} messages of ${channel}`);
  }
}

function isSame(heard: Heard | undefined, stored: StoredMessage | undefined): boolean {
  return heard !== undefined && heard.seq === stored?.seq && heard.text === stored.text;
}
