/**
 * Questions beside a model, while people answer, leave, are removed, change their nick, lose their account and come back
 * under its name: each identity answers for itself, once, in time, and the rule decides as it says.
 */
import { assertEquals } from "@std/assert";
import { assert } from "../../lib/base/assert.ts";
import { SECOND_MS } from "../../lib/base/values/time_unit.ts";
import type { Session } from "../../lib/hub/model/state/entities.ts";
import { ASK_CAPABILITY } from "../../lib/irc/vendor_extensions.ts";
import { runConsoleLine } from "../../lib/server/console/command_table.ts";
import { forAll } from "../irc/property.ts";
import type { Random } from "../irc/property.ts";
import { TestHub } from "../support/hub.ts";
import { account, login } from "../support/hub_accounts.ts";
import { pureTest } from "../support/test.ts";

const NAMES = ["ann", "ben", "cat", "dan"];
const OPTIONS = ["yes", "no", "later"];
const CAPS = { caps: [ASK_CAPABILITY, "message-tags"] };

interface Person {
  readonly name: string;
  /** Rises when they become another person to the server. */
  identity: number;
  hasAccount: boolean;
  session: Session | undefined;
  isInRoom: boolean;
}

interface ModelQuestion {
  readonly number: number;
  readonly rule: number | "first" | "all";
  readonly until: number;
  /** Identities that may answer; undefined: the members of the room. */
  readonly people: ReadonlySet<string> | undefined;
  /** Identity and option, in their order. */
  readonly answers: [identity: string, option: number][];
  end: string | undefined;
}

class Run {
  readonly random: Random;
  readonly chat = new TestHub();
  readonly asker: Session;
  readonly people: Person[];
  readonly questions: ModelQuestion[] = [];
  /** Owner ids by identity: never two for one, and never one for two. */
  readonly #owners = new Map<string, string>();
  counts = { answers: 0, refused: 0, ended: 0 };

  constructor(random: Random) {
    this.random = random;
    this.asker = login(this.chat, "asker", undefined, CAPS);
    this.chat.say(this.asker, "JOIN #room");
    this.people = NAMES.map((name) => ({
      name,
      identity: 1,
      hasAccount: false,
      session: undefined,
      isInRoom: false,
    }));
    for (const person of this.people) this.enter(person);
  }

  identityOf({ name, identity }: Person): string {
    return `${name}#${identity}`;
  }

  enter(person: Person): void {
    const { chat } = this;
    if (!person.hasAccount) {
      person.identity++;
      account(chat, person.name, `owner-${this.identityOf(person)}`);
      person.hasAccount = true;
    }
    person.session = login(chat, person.name);
    if (this.random.chance(2)) this.join(person);
  }

  join(person: Person): void {
    this.chat.say(person.session!, "JOIN #room");
    person.isInRoom = true;
  }

  ask(): void {
    const { chat, random, people } = this;
    const rule = random.pick(["first", 2, 3, "all"] as const);
    const isRoom = random.chance(2);
    const asked = people.filter((each) => isRoom ? each.isInRoom : each.hasAccount && random.chance(2));
    const isBound = !isRoom || rule === "all";
    const isRefused = isBound && (asked.length === 0 || typeof rule === "number" && rule > asked.length);
    const seconds = 1 + random.below(60);
    const { nextNumber } = chat.hub.services.questions;
    const targets = isRoom ? "#room" : asked.map(({ name }) => name).join(",") || "stranger";
    const options = OPTIONS.join(",");
    chat.say(this.asker, `ASK OPEN q${nextNumber} ${targets} ${seconds} ${rule} ${options} :x?`);
    const question = chat.hub.services.questions.get(nextNumber);
    assertEquals(question === undefined, isRefused, `${rule} ${targets}`);
    if (question === undefined) return;
    this.questions.push({
      number: question.number,
      rule,
      until: chat.now + seconds * SECOND_MS,
      people: isBound ? new Set(asked.map((each) => this.identityOf(each))) : undefined,
      answers: [],
      end: undefined,
    });
  }

  /** One answers, and may leave in the same batch. */
  answer(person: Person): void {
    const { chat, random } = this;
    const question = random.pick(this.questions);
    if (person.session === undefined || question === undefined) return;
    const option = random.below(OPTIONS.length);
    const owner = person.session.user!.owner;
    const isLeaving = random.chance(4);
    const line = `PRIVMSG asker :${question.number} ${OPTIONS[option]}`;
    this.note(person, question, option, owner);
    chat.say(person.session, line, ...isLeaving ? ["QUIT :bye"] : []);
    if (isLeaving) this.noteGone(person);
  }

  /** What the answer means by the rules. */
  note(person: Person, question: ModelQuestion, option: number, owner: string): void {
    const identity = this.identityOf(person);
    assertEquals(this.#owners.get(identity) ?? owner, owner, `${identity} is one person`);
    this.#owners.set(identity, owner);
    this.expire();
    const { people, answers, rule } = question;
    const isAsked = people?.has(identity) ?? person.isInRoom;
    if (!isAsked || question.end !== undefined || answers.some(([other]) => other === identity)) {
      this.counts.refused++;
      return;
    }
    answers.push([identity, option]);
    this.counts.answers++;
    const equal = answers.filter(([, other]) => other === option).length;
    const isComplete = people !== undefined && answers.length === people.size;
    if (rule === "first") question.end = `answered ${option}`;
    else if (rule === "all") {
      if (isComplete) question.end = `answered ${Math.max(...answers.map(([, each]) => each))}`;
    } else if (equal >= rule) question.end = `answered ${option}`;
    else if (isComplete) question.end = "undecided -1";
    if (question.end !== undefined) this.counts.ended++;
  }

  expire(): void {
    for (const question of this.questions) {
      if (question.end === undefined && this.chat.now >= question.until) question.end = "timeout -1";
    }
  }

  noteGone(person: Person): void {
    person.session = undefined;
    person.isInRoom = false;
  }

  /** The account ends, and its user may stay or go; a later one of its name is another person. */
  loseAccount(person: Person): void {
    const { chat, random } = this;
    if (!person.hasAccount) return;
    runConsoleLine(chat.hub, `unregister ${person.name}`, chat.now);
    chat.deliver();
    person.hasAccount = false;
    person.identity++;
    if (person.session === undefined) return;
    if (random.chance(2)) chat.say(person.session, "QUIT :bye");
    if (person.session.closeReason !== undefined) this.noteGone(person);
  }

  step(): void {
    const { chat, random } = this;
    const person = random.pick(this.people);
    const { session } = person;
    switch (random.below(10)) {
      case 0:
      case 1:
        return this.ask();
      case 2:
        if (session === undefined) return this.enter(person);
        if (!person.isInRoom) return this.join(person);
        person.isInRoom = false;
        if (random.chance(2)) return chat.say(session, "PART #room");
        return chat.say(this.asker, `KICK #room ${session.user!.nick}`);
      case 3:
        if (session !== undefined) chat.say(session, `NICK ${person.name}${random.below(100)}`);
        return;
      case 4:
        return this.loseAccount(person);
      case 5:
        chat.advance(random.below(20) * SECOND_MS);
        return this.expire();
      default:
        return this.answer(person);
    }
  }

  check(): void {
    for (const { number, answers, end } of this.questions) {
      const question = this.chat.hub.services.questions.get(number);
      assert(question !== undefined, "it is kept for a day");
      const given = answers.map(([identity, option]) => [this.#owners.get(identity), option]);
      assertEquals(question.answers.map(({ owner, option }) => [owner, option]), given, `question ${number}`);
      assertEquals(question.end && `${question.end.how} ${question.end.option}`, end, `question ${number}`);
    }
  }
}

pureTest("question: whatever people do meanwhile, each answers for themselves, once and in time", () => {
  const sums = { answers: 0, refused: 0, ended: 0 };
  forAll(40, (random) => {
    const run = new Run(random);
    for (let left = 60; left > 0; left--) {
      run.step();
      run.check();
    }
    for (const name of ["answers", "refused", "ended"] as const) sums[name] += run.counts[name];
  });
  assert(sums.answers > 50 && sums.refused > 50 && sums.ended > 20, JSON.stringify(sums));
});
