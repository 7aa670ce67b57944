/**
 * Capability negotiation of a client (https://ircv3.net/specs/extensions/capability-negotiation, version
 * 302). Of what the server offers, the client requests what it wants; where the server refuses them together,
 * one by one.
 */
import type { Message } from "../../irc/message.ts";
import { ERR_INVALIDCAPCMD, ERR_NOTREGISTERED, ERR_UNKNOWNCOMMAND } from "../../irc/numerics.ts";
import { WANTED_CAPABILITIES } from "./wanted_capabilities.ts";

/** Offered names that are kept; those beyond are ignored. Servers offer some forty. */
const MAX_OFFERED = 500;

export class CapabilityTracker {
  /** Capabilities in force. */
  readonly enabled = new Set<string>();
  /** What the server offers: value by name, "" for none. */
  readonly #offered = new Map<string, string>();
  #pending = 0;
  #listed = false;
  #supported = false;

  constructor(
    readonly isObserver: boolean,
    readonly hasCredentials: boolean,
    readonly wantsEvents: boolean = false,
  ) {}

  /** Whether no request is open, so that CAP END may follow. */
  get isSettled(): boolean {
    return this.#listed && this.#pending === 0;
  }

  /** Whether the server has listed all that it offers. */
  get isListed(): boolean {
    return this.#listed;
  }

  /** Whether the server has answered CAP. */
  get isSupported(): boolean {
    return this.#supported;
  }

  /**
   * Whether `message` is how a server without capabilities answers CAP LS. The registration goes on without
   * them.
   */
  isRefusal({ command, params }: Message): boolean {
    switch (command) {
      case ERR_UNKNOWNCOMMAND:
        return params.includes("CAP");
      case ERR_INVALIDCAPCMD:
        return true;
      case ERR_NOTREGISTERED: // CAP LS is the first line sent, so that this answers it
        return !this.#supported;
      default:
        return false;
    }
  }

  /** The value of the offered capability `name`: "" for none; undefined: it is not offered. */
  value(name: string): string | undefined {
    return this.#offered.get(name);
  }

  /** Handles the parameters of one CAP line. Returns the CAP REQ lines to send. */
  receive(params: readonly string[]): string[] {
    this.#supported = true;
    const more = params[2] === "*" && params.length > 3;
    const names = (params[more ? 3 : 2] ?? "").split(" ").filter((name) => name !== "");
    switch (params[1]?.toUpperCase()) {
      case "LS":
        this.#offer(names);
        if (more || this.#listed) return [];
        this.#listed = true;
        return this.#request([...this.#offered.keys()]);
      case "NEW":
        this.#offer(names);
        return this.#request(names.map(parseCapabilityName));
      case "DEL":
        for (const name of names) {
          this.enabled.delete(name);
          this.#offered.delete(name);
        }
        return [];
      case "ACK":
        this.#pending--;
        for (const name of names) this.#acknowledge(name);
        return [];
      case "NAK":
        this.#pending--;
        return names.length > 1 ? names.flatMap((name) => this.#request([name])) : [];
      default:
        return [];
    }
  }

  #offer(tokens: readonly string[]): void {
    for (const token of tokens) {
      const name = parseCapabilityName(token);
      if (this.#offered.size >= MAX_OFFERED && !this.#offered.has(name)) return;
      this.#offered.set(name, token.slice(name.length + 1));
    }
  }

  #request(names: readonly string[]): string[] {
    const wanted = names.filter((name) => this.#isWanted(name) && !this.enabled.has(name));
    if (wanted.length === 0) return [];
    this.#pending++;
    return [`CAP REQ :${wanted.join(" ")}`];
  }

  #isWanted(name: string): boolean {
    switch (WANTED_CAPABILITIES.get(name)) {
      case "all":
        return true;
      case "observer":
        return this.isObserver;
      case "login":
        return this.hasCredentials;
      case "events":
        return this.wantsEvents;
      case undefined:
        return false;
    }
  }

  #acknowledge(name: string): void {
    if (name.startsWith("-")) this.enabled.delete(name.slice(1));
    else this.enabled.add(name);
  }
}

/** `sasl=PLAIN` → `sasl`. */
function parseCapabilityName(token: string): string {
  const equals = token.indexOf("=");
  return equals < 0 ? token : token.slice(0, equals);
}
