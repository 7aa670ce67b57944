/**
 * Capability negotiation as a client does it (https://ircv3.net/specs/extensions/capability-negotiation, version 302):
 * of what the server offers, ask for what we can use; a refusal of all is followed by asking one by one.
 */
import {
  ACCOUNT_REGISTRATION,
  CAPABILITIES,
  EVENT_PLAYBACK,
  METADATA_2,
  METADATA_3,
  SASL,
  WHOAMI,
} from "../../irc/capabilities.ts";
import type { Message } from "../../irc/message.ts";
import { ERR_INVALIDCAPCMD, ERR_NOTREGISTERED, ERR_UNKNOWNCOMMAND } from "../../irc/numerics.ts";

/**
 * Of what our own server offers, what our clients have no use for: REGISTER is a command, of the past they show messages, and
 * hosts, real names and other people's invitations they show nowhere. How long their own prefix is (whoami) they need not know: a text
 * is cut as for the longest one.
 */
const UNWANTED_CAPABILITIES: ReadonlySet<string> = new Set([
  ACCOUNT_REGISTRATION,
  EVENT_PLAYBACK,
  "setname",
  "chghost",
  "userhost-in-names",
  "invite-notify",
  "extended-monitor",
  "no-implicit-names",
  "draft/no-implicit-names",
  "draft/extended-isupport",
  METADATA_2,
  METADATA_3,
  WHOAMI,
]);

/** Everything else that our own server offers is something that our clients can use. */
const WANTED_CAPABILITIES: ReadonlySet<string> = new Set(
  CAPABILITIES.map((cap) => cap.name).filter((name) => !UNWANTED_CAPABILITIES.has(name)),
);

/** Only meaningful when asked for on purpose: an observer has no name. */
const OBSERVER_CAPABILITY = "chatterbox.chat/observer";

/** Names offered that are kept; a server that offers more is not taken at its word. */
const MAX_OFFERED = 500;

export class CapabilityTracker {
  /** Capabilities in force. */
  readonly enabled = new Set<string>();
  /** What the server offers: value by name, "" for none. */
  readonly #offered = new Map<string, string>();
  #pending = 0;
  #listed = false;
  #supported = false;

  /** `observer`: asks to be one. `login`: has something to log in with. */
  constructor(readonly isObserver: boolean, readonly login = false) {}

  /** True once nothing more is to be negotiated, so that CAP END may follow. */
  get isSettled(): boolean {
    return this.#listed && this.#pending === 0;
  }

  /** What the server offers has been told to its end. */
  get isListed(): boolean {
    return this.#listed;
  }

  /** The server has answered CAP. */
  get isSupported(): boolean {
    return this.#supported;
  }

  /** A server without capabilities answers CAP LS so, which need not trouble the user: the login goes on without them. */
  isRefusal({ command, params }: Message): boolean {
    switch (command) {
      case ERR_UNKNOWNCOMMAND:
        return params.includes("CAP");
      case ERR_INVALIDCAPCMD:
        return true;
      case ERR_NOTREGISTERED: // CAP LS is the first line we send: a server that answers something else first does not know it
        return !this.#supported;
      default:
        return false;
    }
  }

  /** The value that the server gives to the capability `name`; "" for none, undefined where it does not offer it. */
  value(name: string): string | undefined {
    return this.#offered.get(name);
  }

  /** Takes the params of one CAP line; answers the CAP REQ lines to send. */
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
    const wanted = names.filter((name) =>
      WANTED_CAPABILITIES.has(name) && !this.enabled.has(name) &&
      (name !== OBSERVER_CAPABILITY || this.isObserver) &&
      (name !== SASL || this.login)
    );
    if (wanted.length === 0) return [];
    this.#pending++;
    return [`CAP REQ :${wanted.join(" ")}`];
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
