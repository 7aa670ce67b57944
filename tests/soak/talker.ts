/** Somebody who says things at random, and knows from what is heard who he is and where. */
import { CAPABILITIES } from "../../lib/irc/capabilities.ts";
import { nickOf } from "../../lib/hub/model/identifiers.ts";
import { casefold } from "../../lib/irc/names/casemap.ts";
import type { Message } from "../../lib/irc/message.ts";
import type { Address } from "../../lib/net/address.ts";
import type { Random } from "../irc/property.ts";
import { garbage, keyOf, KEYS, NICKS, plainResponse, randomLine } from "./commands.ts";
import { Wire } from "./wire.ts";

/** What a label's request was, until it is answered. */
interface Request {
  readonly text: string;
  readonly answeredInTurn: boolean;
}

const encoder = new TextEncoder();
const MAX_BURST_LINES = 20;
/** Answers have labels with all of these. */
const LABELING = ["batch", "labeled-response", "message-tags"];

export class Talker {
  /** Undefined: not registered, or an observer, who has no name. */
  nick: string | undefined;
  /**
   * By which the name may be shared: claim keys, and accounts; also one that was given up since, because the sessions of a
   * user stay together.
   */
  readonly keys = new Set<string>();
  /** Folded. */
  readonly channels = new Set<string>();
  readonly #names = new Map<string, string[]>();
  #wire: Wire | undefined;
  #labels = false;
  #observer = false;
  readonly #pending = new Map<string, Request>();
  /** Batches of history that are open. */
  readonly #past = new Set<string>();
  #nextLabel = 1;
  /** Ends the nick that is asked for; the next one when that has got an account whose password is forgotten. */
  #nextHome = 1;
  lines = 0;
  connections = 0;

  constructor(
    readonly address: Address & { kind: "tcp" },
    /** Begins nicks that others don't ask for. */
    readonly stem: string,
    readonly random: Random,
    readonly onFault: (text: string) => void,
  ) {}

  get #home(): string {
    return `${this.stem}x${this.#nextHome}`;
  }

  /** Says a handful of things, or comes, or goes. All is answered, or the connection has ended, when it resolves. */
  async round(): Promise<void> {
    const wire = this.#wire;
    if (wire === undefined || wire.closed) return await this.#connect();
    if (this.random.chance(25)) return await this.#leave(wire);
    // Who was not let in under one name may have another.
    if (this.nick === undefined && this.random.chance(2)) await wire.send(`NICK ${this.#home}`, "CAP END");
    const burst: Uint8Array[] = [];
    for (let left = 1 + this.random.below(MAX_BURST_LINES); left > 0; left--) burst.push(this.#line());
    await this.#inPieces(wire, burst);
    await this.settle();
  }

  /** Waits until all that was said so far is answered. */
  async settle(): Promise<void> {
    if (this.#wire === undefined || !await this.#wire.barrier()) return this.#gone();
    for (const [label, { text, answeredInTurn }] of this.#pending) {
      if (answeredInTurn) this.#fault(`label ${label} was never answered: ${text}`);
    }
    for (const [label, { answeredInTurn }] of this.#pending) if (answeredInTurn) this.#pending.delete(label);
  }

  /** Who is in `channel`, as NAMES answers; folded. */
  async names(channel: string): Promise<Set<string>> {
    this.#names.clear();
    await this.#wire?.send(`NAMES ${channel}`);
    await this.settle();
    return new Set((this.#names.get(channel) ?? []).map((name) => casefold(name.replace(/^[@+]+/, ""))));
  }

  async quit(): Promise<void> {
    await this.#wire?.send("QUIT :the end");
    await this.#wire?.ended;
    this.#gone();
  }

  async #connect(): Promise<void> {
    this.#gone();
    const { random } = this;
    const wire = await Wire.open(this.address, {
      heard: (message) => this.#hear(message),
      fault: (text) => this.#fault(text),
    });
    this.#wire = wire;
    this.connections++;
    if (random.chance(30)) {
      await wire.bytes(garbage(random).subarray(0, random.below(50)));
      return this.#gone();
    }
    const wanted = CAPABILITIES.filter(({ name }) => random.chance(name.endsWith("/observer") ? 10 : 2)).map((
      { name },
    ) => name);
    if (wanted.includes("draft/event-playback")) wanted.push("batch"); // else what was and what is look alike
    const nick = random.chance(2) ? this.#home : random.pick(NICKS);
    const key = random.chance(4) ? random.pick(KEYS) : keyOf(nick);
    const claims = wanted.some((name) => name.endsWith("/claim")) && random.chance(2);
    if (claims) this.keys.add(key);
    const lines = [
      `CAP REQ :${wanted.join(" ")}`,
      ...claims ? [`CLAIM ${key}`] : [],
      ...random.chance(3) ? ["AUTHENTICATE PLAIN", `AUTHENTICATE ${plainResponse(nick, key)}`] : [],
      `NICK ${nick}`,
      ...random.chance(4) ? [`REGISTER * * ${key}`] : [],
      "USER soak 0 * :Soak",
      ...random.chance(8) ? [] : ["CAP END"],
    ];
    await wire.send(...lines);
    await this.settle();
  }

  /** Whoever has a key to his name and breaks off may come back: he stays for a while. Others are gone at once. */
  async #leave(wire: Wire): Promise<void> {
    if (this.keys.size > 0 || this.random.chance(2)) {
      await wire.send(this.random.chance(2) ? "QUIT" : "QUIT :bye");
      await wire.ended;
    } else {
      await wire.bytes(encoder.encode("PRIVMSG #tea :half a li"));
      wire.close();
      await wire.ended;
    }
    this.#gone();
  }

  #line(): Uint8Array {
    const { random } = this;
    this.lines++;
    if (random.chance(40)) return garbage(random);
    const { text, answeredInTurn } = randomLine(random);
    const claim = /^CLAIM ([\w-]{43})$/i.exec(text)?.[1];
    if (claim !== undefined && this.nick === undefined) this.keys.add(claim); // it may count, if the capability is there
    let tags = random.chance(6) ? `+typing=${random.text("ab;\\", 0, 4)}` : "";
    if (this.#labels && random.chance(2)) {
      const label = `l${this.#nextLabel++}`;
      this.#pending.set(label, { text, answeredInTurn });
      tags = tags === "" ? `label=${label}` : `label=${label};+draft/x=1`;
    }
    return encoder.encode(`${tags === "" ? "" : `@${tags} `}${text}\r\n`);
  }

  /** Writes as the network may: whole lines, all at once, or cut anywhere. */
  async #inPieces(wire: Wire, parts: Uint8Array[]): Promise<void> {
    const bytes = new Uint8Array(await new Blob(parts as BlobPart[]).arrayBuffer());
    const pieces = this.random.pick([1, 1, 3, 7]);
    for (let piece = 0; piece < pieces; piece++) {
      const [from, to] = [piece, piece + 1].map((at) => Math.floor(bytes.length * at / pieces));
      await wire.bytes(bytes.subarray(from, to));
    }
  }

  #gone(): void {
    this.#wire?.close();
    this.#wire = undefined;
    this.#pending.clear();
    this.#past.clear();
    this.channels.clear();
    this.nick = undefined;
    this.keys.clear();
    this.#labels = this.#observer = false;
  }

  #fault(text: string): void {
    this.onFault(`${this.nick ?? "(no name)"}: ${text}`);
  }

  #hear(message: Message): void {
    const { command, params, tags } = message;
    const label = tags.get("label");
    if (
      label !== undefined && !this.#pending.delete(label) &&
      !(command === "BATCH" && params[0]?.startsWith("-"))
    ) {
      this.#fault(`label ${label} was answered twice: ${command} ${params.join(" ")}`);
    }
    if (command === "CAP" && params[1] === "ACK") this.#agreed(params[2]!.split(" "));
    else if (command === "001" && !this.#observer) this.nick = params[0];
    else if (command === "433" && params[1] === this.#home) this.#nextHome++;
    else if (command === "900") this.keys.add(params[2]!);
    else if (command === "353") this.#listed(casefold(params[2]!), params[3]!.trim().split(" "));
    else if (command === "BATCH") this.#batch(params);
    else if (this.nick !== undefined && !this.#past.has(tags.get("batch") ?? "")) this.#moved(message);
  }

  /** What a batch of history tells has happened before. */
  #batch([ref = "", type]: readonly string[]): void {
    if (ref.startsWith("-")) this.#past.delete(ref.slice(1));
    else if (type === "chathistory") this.#past.add(ref.slice(1));
  }

  #agreed(caps: string[]): void {
    if (LABELING.every((name) => caps.includes(name))) this.#labels = true;
    if (caps.includes("chatterbox.chat/observer")) this.#observer = true;
  }

  /** With userhost-in-names each is `nick!user@host`. */
  #listed(channel: string, names: string[]): void {
    this.#names.set(channel, [...this.#names.get(channel) ?? [], ...names.map(nickOf)]);
  }

  /** What changes where this talker is, or how he is called. */
  #moved({ command, params, source }: Message): void {
    const own = casefold(this.nick!);
    const author = casefold(nickOf(source ?? ""));
    if (command === "KICK" && casefold(params[1]!) === own) this.channels.delete(casefold(params[0]!));
    if (command === "RENAME" && this.channels.delete(casefold(params[0]!))) {
      this.channels.add(casefold(params[1]!));
    }
    if (author !== own) return;
    if (command === "JOIN") this.channels.add(casefold(params[0]!));
    if (command === "PART") this.channels.delete(casefold(params[0]!));
    if (command === "NICK") this.nick = params[0]!;
  }
}
