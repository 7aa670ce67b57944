/** What simulated clients do: they enter, and send lines by chance. */
import type { Random } from "../../irc/property.ts";
import type { SimFront } from "./sim_front.ts";
import type { SimPerson } from "./sim_person.ts";

const CAPS = [
  "batch",
  "labeled-response",
  "echo-message",
  "message-tags",
  "chatterbox.chat/seq",
  "draft/multiline",
  "chatterbox.chat/claim",
];
const CLAIM_KEY_CHARS = 43;
export const ROOMS = ["#tea", "#coffee", "#Cocoa"];
/** Names that clients take from each other. */
const WANTED_NICKS = ["s0", "s1", "s2"];
/** A client waits for the answers to so many lines at most. */
const MAX_OPEN_LINES = 12;
/** Of so many clients that act one leaves. */
const LEAVES = 40;

/** All clients that have ever been there, and the lines that they sent. */
export class SimTraffic {
  readonly persons: SimPerson[] = [];
  #lines = 0;
  #batches = 0;
  /** Called when a client has left. */
  onLeave: (person: SimPerson) => void = () => {};

  /** `padding`: characters that each message has beside its text. */
  constructor(readonly random: Random, readonly padding: number) {}

  enter(front: SimFront): SimPerson {
    const nick = `p${this.persons.length}`;
    const person = front.enter(nick);
    this.persons.push(person);
    person.hasKey = this.random.chance(2);
    // With a key the user stays for a while when its connection breaks.
    const claim = !person.hasKey ? [] : [`CLAIM ${nick.padEnd(CLAIM_KEY_CHARS, "k")}`];
    const lines = [...claim, `NICK ${nick}`, `USER ${nick} 0 * :${nick}`, "CAP END"];
    front.input(person, `CAP REQ :${CAPS.join(" ")}`, ...lines);
    return person;
  }

  /** A client of `front` sends something. */
  act(front: SimFront): void {
    const persons = [...front.persons.values()].filter((each) =>
      each.isRegistered && each.pending.length < MAX_OPEN_LINES
    );
    if (persons.length === 0) return;
    const person = this.random.pick(persons);
    if (person.sent.length === 0) {
      for (const room of ROOMS) if (this.random.chance(2)) this.#say(front, person, `JOIN ${room}`);
    }
    if (this.random.chance(LEAVES)) this.#leave(front, person);
    else this.#actAs(front, person);
  }

  #leave(front: SimFront, person: SimPerson): void {
    if (this.random.chance(2)) {
      this.#actAs(front, person);
      this.#say(front, person, "QUIT :bye");
    }
    front.leave(person);
    this.onLeave(person);
  }

  #actAs(front: SimFront, person: SimPerson): void {
    const { random } = this;
    const room = random.pick(ROOMS);
    const other = random.chance(5) ? random.pick(WANTED_NICKS) : random.pick(this.persons).nick;
    const text = `t${this.#lines}`;
    const words = this.padding === 0 ? text : `${text} ${"x".repeat(random.below(this.padding))}`;
    switch (random.below(15)) {
      case 0:
        return this.#say(front, person, `JOIN ${random.pick([room, ROOMS.join(",")])}`);
      case 1:
        return this.#say(front, person, `PART ${room} :bye`);
      case 2:
        return this.#say(front, person, `${random.pick(["TOPIC", "TOPIC", "KICK"])} ${room} ${other}`);
      case 3:
        return this.#say(front, person, `MODE ${room} ${random.pick(["+o", "-o", "+v", "-v"])} ${other}`);
      case 4:
        person.away = random.pick(["", text]);
        return this.#say(front, person, `AWAY :${person.away}`);
      case 5:
        return this.#monitor(front, person, other);
      case 6:
        return this.#say(
          front,
          person,
          random.pick([`WHO ${room}`, `NAMES ${room}`, `PING ${text}`, `WHOIS ${other}`]),
        );
      case 7:
        return this.#sendBatch(front, person, room, text);
      case 14:
        return this.#say(
          front,
          person,
          random.pick([`NICK ${random.pick(WANTED_NICKS)}`, `TOPIC ${room} :`]),
        );
      case 8:
        return this.#say(front, person, `PRIVMSG ${other} :${words}`, text);
      case 9:
        return this.#say(front, person, `PRIVMSG ${room},${other} :${words}`, text);
      default:
        return this.#say(front, person, `PRIVMSG ${room} :${words}`, text);
    }
  }

  #say(front: SimFront, person: SimPerson, line: string, text?: string): void {
    const label = `l${this.#lines++}`;
    person.sent.push({ nth: this.#lines, label, line, text });
    front.input(person, `@label=${label} ${line}`);
  }

  #monitor(front: SimFront, person: SimPerson, nick: string): void {
    const isOn = this.random.chance(2);
    if (isOn) person.monitored.add(nick);
    else person.monitored.delete(nick);
    this.#say(front, person, `MONITOR ${isOn ? "+" : "-"} ${nick}`);
  }

  #sendBatch(front: SimFront, person: SimPerson, room: string, text: string): void {
    const ref = `r${this.#batches++}`;
    this.#say(front, person, `BATCH +${ref} draft/multiline ${room}`, text);
    front.input(
      person,
      `@batch=${ref} PRIVMSG ${room} :${text}`,
      `@batch=${ref} PRIVMSG ${room} :more`,
      `BATCH -${ref}`,
    );
  }
}
