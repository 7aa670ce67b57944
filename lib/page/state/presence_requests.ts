/** What is asked of the server to know who is online and who is away: once each, over each connection. */
import { casefold } from "../../irc/names/casemap.ts";
import { isService } from "../../irc/names/service_name.ts";
import type { Message, MessageParts } from "../../irc/message.ts";
import type { RequestResult } from "../../client/conversation/effects.ts";

/** Direct conversations with people that are watched (MONITOR), where ISUPPORT MONITOR says no number. */
const MAX_WATCHED_PEOPLE = 100;

export interface PresenceHost {
  request(message: MessageParts): Promise<RequestResult>;
  /** Takes the lines of a response. */
  receive(lines: readonly Message[]): void;
}

export class PresenceRequests {
  readonly #host: PresenceHost;
  readonly #asked = new Set<string>();
  #watched = 0;
  #canWatch = false;

  constructor(host: PresenceHost) {
    this.#host = host;
  }

  /** `isupport`: what the server says of itself. */
  handleConnected(isupport: ReadonlyMap<string, string>): void {
    this.#asked.clear();
    this.#watched = 0;
    this.#canWatch = isupport.has("MONITOR");
  }

  /** Asks who of the people in `channel` is away; changes come by themselves. */
  askRoom(channel: string): void {
    this.#ask("WHO", channel);
  }

  /** Asks for what `nick` has left for the time being. */
  askPerson(nick: string): void {
    this.#ask("WHOIS", nick);
  }

  /** The presence of the people `nicks`, too, is told from now on; services have none. */
  watch(nicks: readonly string[]): void {
    if (!this.#canWatch) return;
    for (const nick of nicks) {
      if (isService(nick) || this.#watched >= MAX_WATCHED_PEOPLE) continue;
      if (this.#ask("MONITOR", nick, ["+", nick])) this.#watched++;
    }
  }

  /** False: it was asked before. */
  #ask(command: string, name: string, params: readonly string[] = [name]): boolean {
    const key = `${command} ${casefold(name)}`;
    if (this.#asked.has(key)) return false;
    this.#asked.add(key);
    void this.#host.request({ command, params: [...params] }).then((result) => {
      if (result.kind === "answered") this.#host.receive(result.lines);
      else this.#asked.delete(key);
    });
    return true;
  }
}
