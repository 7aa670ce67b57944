/** What the log alone says that each client has seen, without a hub: for tests that compare. */
import { casefold } from "../../../lib/irc/names/casemap.ts";
import { decodeEvent } from "../../../lib/hub/log/event_codec.ts";
import type { EventLog } from "../../../lib/hub/log/event_log.ts";
import { nickOf } from "../../../lib/hub/model/identifiers.ts";
import type { RecordedEvent } from "../../../lib/hub/model/state/event.ts";

export interface SeenRecord {
  readonly seq: number;
  readonly event: RecordedEvent;
  /** Nicks, before the record, of the users that are sent it. */
  readonly audience: ReadonlySet<string>;
  /** Whether it is seen in a room, by observers too. */
  readonly isOfRoom: boolean;
}

export class Oracle {
  /** By room: rank by nick. */
  readonly rooms = new Map<string, Map<string, number>>();
  readonly records: SeenRecord[] = [];

  /** `hasLeft`: whether the user called `nick` was gone at the start of a hub that recorded it as `seq`. */
  constructor(log: EventLog, hasLeft: (nick: string, seq: number) => boolean = () => false) {
    for (let seq = 1; seq < log.nextSeq; seq++) {
      const record = log.read(seq);
      const event = record.kind === "ok" ? decodeEvent(record.payload) : undefined;
      if (event?.kind === "boot") this.#start(seq, hasLeft);
      else if (event !== undefined) this.#take(seq, event);
    }
  }

  #start(seq: number, hasLeft: (nick: string, seq: number) => boolean): void {
    for (const members of this.rooms.values()) {
      for (const nick of [...members.keys()]) if (hasLeft(nick, seq)) members.delete(nick);
    }
  }

  #members(name: string): Map<string, number> {
    const folded = casefold(name);
    let members = this.rooms.get(folded);
    if (members === undefined) this.rooms.set(folded, members = new Map());
    return members;
  }

  #peers(nick: string): string[] {
    return [...this.rooms.values()].filter((members) => members.has(nick)).flatMap((
      members,
    ) => [...members.keys()]);
  }

  #take(seq: number, event: Exclude<RecordedEvent, { kind: "boot" }>): void {
    const nick = nickOf(event.source);
    let audience: string[] = [];
    let isOfRoom = true;
    switch (event.kind) {
      case "join": {
        const members = this.#members(event.channel);
        members.set(nick, members.size === 0 ? 1 : 0);
        audience = [...members.keys()];
        break;
      }
      case "part":
        audience = [...this.#members(event.channel).keys()];
        this.#members(event.channel).delete(nick);
        break;
      case "kick":
        audience = [...this.#members(event.channel).keys()];
        this.#members(event.channel).delete(event.nick);
        break;
      case "mode": {
        const members = this.#members(event.channel);
        audience = [...members.keys()];
        const bits = members.get(event.args);
        const bit = event.change.endsWith("o") ? 1 : 2;
        if (bits === undefined) break;
        members.set(event.args, event.change.startsWith("+") ? bits | bit : bits & ~bit);
        break;
      }
      case "topic":
        audience = [...this.#members(event.channel).keys()];
        break;
      case "message":
        audience = event.target.kind === "channel"
          ? [...this.#members(event.target.name).keys()]
          : [event.target.name, nick];
        isOfRoom = event.target.kind === "channel";
        break;
      case "nick":
        audience = [...this.#peers(nick), nick];
        isOfRoom = audience.length > 1;
        for (const members of this.rooms.values()) {
          const bits = members.get(nick);
          if (bits === undefined) continue;
          members.delete(nick);
          members.set(event.nick, bits);
        }
        break;
      case "quit":
        isOfRoom = this.#peers(nick).length > 0;
        audience = this.#peers(nick).filter((each) => each !== nick);
        for (const members of this.rooms.values()) members.delete(nick);
        break;
    }
    this.records.push({ seq, event, audience: new Set(audience), isOfRoom });
  }
}
