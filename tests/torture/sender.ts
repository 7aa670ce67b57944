/**
 * One who talks, and does not take silence for an answer: after a lost connection, and under the next server, it says again
 * what was not acknowledged (or not yet durable, where it waits for that), in order, under the same ids.
 */
import type { Message } from "../../lib/irc/message.ts";
import { parseSource } from "../../lib/irc/message.ts";
import { RECEIPTS, SENDER_ID_TAG, SEQ_TAG } from "../../lib/irc/vendor_extensions.ts";
import type { Random } from "../irc/property.ts";
import type { FaultProxy } from "../support/fault_proxy.ts";
import { LineClient } from "../support/line_client.ts";
import type { Ledger, Said } from "./ledger.ts";
import type { Talk } from "./plan.ts";

export const CHANNELS = ["#lobby", "#tea"] as const;

const CAPS = [
  "message-tags",
  "echo-message",
  "server-time",
  "draft/chathistory",
  SEQ_TAG,
  "chatterbox.chat/claim",
  RECEIPTS,
];
/** Between attempts to connect while the server is up. */
const AGAIN_MS = 10;
const CLAIM_LENGTH = 43;
const MAX_FILLER_LENGTH = 350;

export class Sender {
  readonly nick: string;
  readonly #ledger: Ledger;
  readonly #random: Random;
  readonly #claim: string;
  #said = 0;
  #connections = 0;
  /** Said and not settled, in order. */
  #open: Said[] = [];
  /** By msgid: their durability has been asked for on this connection. */
  readonly #awaited = new Map<string, Said>();
  #client: LineClient | undefined;
  #talk: Talk | undefined;
  #left = 0;
  #pausing: ReturnType<typeof setTimeout> | undefined;

  constructor(index: number, ledger: Ledger, random: Random) {
    this.nick = `sender${index}`;
    this.#ledger = ledger;
    this.#random = random;
    this.#claim = String(index).padEnd(CLAIM_LENGTH, "x");
  }

  /** Talks through `proxy`, over as many connections as it takes, until {@link stop}. */
  async work(proxy: FaultProxy, talk: Talk): Promise<void> {
    this.#talk = talk;
    this.#left = talk.budget;
    while (this.#talk !== undefined) {
      try {
        await this.#connection(proxy);
      } catch {
        // refused, or cut before it was registered
      }
      if (this.#talk !== undefined) await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
    }
  }

  /** How often it has connected. */
  get connections(): number {
    return this.#connections;
  }

  /** Its server is gone. */
  stop(): void {
    this.#talk = undefined;
    clearTimeout(this.#pausing);
    this.#client?.close();
  }

  async #connection(proxy: FaultProxy): Promise<void> {
    this.#connections++;
    this.#awaited.clear();
    this.#open = this.#open.filter(({ id }) => id !== undefined);
    const client = await LineClient.enter({
      address: proxy.address,
      nick: this.nick,
      caps: CAPS,
      claim: this.#claim,
      onMessage: (message) => this.#hear(message),
    });
    this.#client = client;
    if (this.#talk === undefined) return client.close();
    client.send(`JOIN ${CHANNELS.join(",")}`);
    for (const said of this.#open) this.#utter(said);
    this.#topUp();
    await client.ended;
    clearTimeout(this.#pausing);
    this.#pausing = undefined;
  }

  #topUp(): void {
    const talk = this.#talk;
    if (talk === undefined || this.#pausing !== undefined) return;
    while (this.#left > 0 && this.#open.length < talk.window) {
      this.#left--;
      const said = this.#next();
      this.#open.push(said);
      this.#utter(said);
      if (talk.pauseMs === 0) continue;
      this.#pausing = setTimeout(() => {
        this.#pausing = undefined;
        this.#topUp();
      }, talk.pauseMs);
      return;
    }
  }

  #next(): Said {
    const number = this.#said++;
    const name = `${this.nick}-${number}`;
    const filler = this.#random.chance(4) ? " ".padEnd(this.#random.below(MAX_FILLER_LENGTH), "abcdefg") : "";
    const kind = this.#random.below(4); // 0: plain, 1: with an id, else: and durable
    return this.#ledger.say({
      by: this.nick,
      target: this.#random.pick(CHANNELS),
      text: name + filler.trimEnd(),
      number,
      id: kind === 0 ? undefined : name,
      awaits: kind > 1,
      connection: this.#connections,
    });
  }

  #utter(said: Said): void {
    if (said.times++ > 0) this.#ledger.tally.retried++;
    const tags = said.id === undefined ? "" : `@${SENDER_ID_TAG}=${said.id} `;
    this.#client!.send(`${tags}PRIVMSG ${said.target} :${said.text}`);
  }

  #hear(message: Message): void {
    const { command, params, tags, source = "" } = message;
    if (command === "PRIVMSG" && parseSource(source).nick === this.nick) {
      this.#echo(params[1]!, tags.get("msgid")!, Number(tags.get(SEQ_TAG)));
    } else if (command === "AWAIT") {
      const said = this.#awaited.get(params[1]!);
      if (said === undefined) return this.#ledger.tally.fault(`durable and not asked for: ${params[1]}`);
      this.#ledger.durable(params[1]!);
      this.#settle(said);
    } else if (command === "FAIL") this.#refused(params);
    else if (/^4(?!22)\d\d$/.test(command) && !(command === "433" && this.#ledger.areNamesKept)) {
      this.#ledger.tally.fault(`${this.nick} is told ${command} ${params.join(" ")}`);
    }
  }

  #echo(text: string, msgid: string, seq: number): void {
    const said = this.#open.find((each) => each.text === text);
    if (said === undefined) return; // said on an earlier connection, and settled
    this.#ledger.acknowledged(said, msgid, seq);
    if (!said.awaits) return this.#settle(said);
    if (this.#awaited.has(msgid)) return;
    this.#awaited.set(msgid, said);
    this.#client!.send(`AWAIT durable ${msgid}`);
  }

  #refused([command, code, context]: readonly string[]): void {
    if (code === "TEMPORARILY_UNAVAILABLE" && this.#ledger.isRelayed) return this.#again(command!);
    // A small ring may have overwritten it between the echo and the question.
    const said = command === "AWAIT" && code === "NO_SUCH_MESSAGE" ? this.#awaited.get(context!) : undefined;
    if (said !== undefined && this.#ledger.isSmall) this.#settle(said);
    else this.#ledger.tally.fault(`${this.nick} is told FAIL ${command} ${code} ${context}`);
  }

  /** A hub has ended with the command: it may have had its effect, or not. */
  #again(command: string): void {
    this.#ledger.tally.unanswered++;
    if (command === "JOIN") this.#client!.send(`JOIN ${CHANNELS.join(",")}`);
    if (command === "AWAIT") {
      for (const msgid of this.#awaited.keys()) this.#client!.send(`AWAIT durable ${msgid}`);
    }
    if (command !== "PRIVMSG") return;
    this.#open = this.#open.filter(({ id }) => id !== undefined);
    for (const said of this.#open) {
      said.isReordered = true;
      this.#utter(said);
    }
    this.#topUp();
  }

  #settle(said: Said): void {
    const at = this.#open.indexOf(said);
    if (at >= 0) this.#open.splice(at, 1);
    this.#topUp();
  }
}
