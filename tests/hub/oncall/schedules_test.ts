/**
 * Pages over random schedules of opens, acknowledgements, withdrawals, silences, absences, crashes and times in which the
 * disk fails, beside a model of what has to be: a page rings from the step that is due until its end and never after it,
 * people of a step that has begun and no others; the first acknowledgement that was confirmed is the only one; no
 * page that was confirmed is lost; each person gets one message of a page. What was told as not saved may be undone by a
 * crash, as long as it is not told to be saved, and by nothing else.
 */
import { assertEquals } from "@std/assert";
import { assert } from "../../../lib/base/assert.ts";
import { SECOND_MS } from "../../../lib/base/values/time_unit.ts";
import { MAX_PAGE_MS, RING_INTERVAL_MS } from "../../../lib/irc/oncall.ts";
import type { SavedFact } from "../../../lib/log/fact.ts";
import type { EventLog } from "../../../lib/hub/log/event_log.ts";
import type { Session } from "../../../lib/hub/model/state/entities.ts";
import { forAll } from "../../irc/property.ts";
import type { Random } from "../../irc/property.ts";
import { TestHub } from "../../support/hub.ts";
import { account, login, makeOperator } from "../../support/hub_accounts.ts";
import { ONCALL_CAPS, recorded, told } from "../../support/hub_oncall.ts";
import { MemoryEventLog } from "../../support/memory_event_log.ts";
import { pureTest } from "../../support/test.ts";

const PEOPLE = ["ann", "ben", "cat", "dan", "eve"];
/** Time between two looks at the clock. */
const TURN_MS = 5 * SECOND_MS;
/** Most turns between two looks. */
const MAX_TURNS = 6;
/** Longest time between two rings of a person that is there. */
const MAX_SILENT_MS = RING_INTERVAL_MS + MAX_TURNS * TURN_MS;

interface ModelPage {
  readonly number: number;
  readonly id: string;
  readonly steps: readonly (readonly string[])[];
  readonly seconds: readonly number[];
  /** Whether its opening was confirmed: as saved, or as not saved. */
  opening: "unknown" | "unsaved" | "saved";
  /** The people that were told that they were the first. */
  winner: string | undefined;
  /** Told to people that it rings, and to the pager. */
  end: string | undefined;
  /** What was told of the end: that it is saved, or that it is not. */
  isEndSaved: boolean;
  /** What was seen last: how many steps had begun, and when the next one was due. */
  seen: { readonly begun: number; readonly stepAt: number } | undefined;
  /** By person: when they were rung last. */
  readonly lastRing: Map<string, number>;
}

/** A server over a disk: what is not known to be on it may be lost when it is killed. */
class Run {
  readonly random: Random;
  chat: TestHub;
  #log: EventLog = new MemoryEventLog();
  readonly #disk = new Map<string, SavedFact>();
  /** Turns of facts that the disk may not have. */
  #unsaved: (readonly SavedFact[])[] = [];
  #durableSeq = 1;
  readonly sessions = new Map<string, Session>();
  readonly pages = new Map<string, ModelPage>();
  /** By person with a session: since when. */
  readonly #presentSince = new Map<string, number>();
  #nextId = 1;
  /** How often an opening or an end was told as not saved; was saved later; was lost by a crash. */
  readonly unsaved = { told: 0, saved: 0, lost: 0 };

  constructor(random: Random) {
    this.random = random;
    this.chat = new TestHub({}, this.#log);
    for (const name of [...PEOPLE, "ci"]) account(this.chat, name);
    this.sync();
    for (const name of ["root", "ci"]) this.enter(name);
    for (const name of PEOPLE) if (random.chance(2)) this.enter(name);
    this.setList();
    this.sync();
  }

  enter(name: string): void {
    if (this.chat.hub.services.accounts.get(name) === undefined) account(this.chat, name);
    this.sessions.set(name, login(this.chat, name, undefined, { caps: ONCALL_CAPS }));
    this.#presentSince.set(name, this.chat.now);
    if (name === "root") makeOperator(this.chat, "root");
  }

  setList(): void {
    const { random } = this;
    const steps = Array.from({ length: 1 + random.below(3) }, () => {
      const names = new Set(Array.from({ length: 1 + random.below(2) }, () => random.pick(PEOPLE)));
      return `${[...names].join(",")} ${random.pick([30, 60, 90, 200])}`;
    });
    this.say("root", `ONCALL SET ops ${steps.join(" ")}`);
    for (const job of this.chat.takeJobs()) {
      if (job.kind === "save") this.chat.hub.resume(job.session, () => job.done(undefined), this.chat.now);
    }
  }

  say(name: string, line: string): void {
    const session = this.sessions.get(name);
    if (session !== undefined) this.chat.say(session, line);
  }

  /** The facts of this turn, which are on their way to the disk. */
  collect(): void {
    const facts = this.chat.takeFacts();
    if (facts.length > 0) this.#unsaved.push(facts);
  }

  /** The disk fails from now on, and what waits for it is told so. */
  fail(): void {
    this.collect();
    this.chat.trouble = "no space left on device";
    this.chat.holdsDurable = false;
    this.chat.deliver();
    this.chat.holdsDurable = true;
    this.collect();
  }

  /** All so far is on disk, and what waits for that is told. */
  sync(): void {
    this.collect();
    this.chat.trouble = undefined;
    this.chat.holdsDurable = false;
    for (const facts of this.#unsaved.splice(0)) this.#save(facts);
    this.#durableSeq = this.#log.nextSeq;
    this.chat.deliver();
    this.chat.holdsDurable = true;
    this.collect();
  }

  #save(facts: readonly SavedFact[]): void {
    for (const fact of facts) this.#disk.set(`${fact.kind} ${fact.key}`, fact);
  }

  /** The server is killed, and another one starts on what the disk has: some of the records and facts since the last sync. */
  crash(): void {
    const { random } = this;
    this.collect();
    const lost = random.below(this.#log.nextSeq - this.#durableSeq + 1);
    const end = this.#log.nextSeq - lost;
    const log = new MemoryEventLog();
    for (let seq = 1; seq < end; seq++) {
      const record = this.#log.read(seq);
      assert(record.kind === "ok", "the log is unbounded");
      log.append(record.time, record.payload);
    }
    const saved = this.#unsaved.slice(0, random.below(this.#unsaved.length + 1));
    for (const facts of saved) this.#save(facts.filter(({ seq }) => seq < end));
    this.#unsaved = [];
    this.#log = log;
    const now = this.chat.now + random.below(3 * 60) * SECOND_MS;
    this.chat = new TestHub({}, log, [...this.#disk.values()], now);
    this.chat.holdsDurable = true;
    this.sessions.clear();
    this.#presentSince.clear();
    for (const name of ["root", "ci"]) this.enter(name);
    for (const page of this.pages.values()) this.#noteCrash(page);
  }

  /** What was told as not saved may be lost. */
  #noteCrash(page: ModelPage): void {
    const found = this.chat.hub.services.pages.get(page.number);
    if (found?.id !== page.id && page.opening !== "saved") {
      if (page.opening === "unsaved") this.unsaved.lost++;
      this.pages.delete(page.id);
    } else if (page.opening === "unsaved") page.opening = "saved"; // it was on its way to the disk
    if (found?.end === undefined && (page.end ?? page.winner) !== undefined && !page.isEndSaved) {
      this.unsaved.lost++;
      page.end = page.winner = undefined;
    }
    page.lastRing.clear();
    page.seen = undefined;
  }

  /** Opens a page, or takes one up. */
  open(): void {
    const isAgain = this.pages.size > 0 && this.random.chance(3);
    const id = isAgain ? this.random.pick([...this.pages.keys()]) : `p${this.#nextId++}`;
    this.say("ci", `PAGE OPEN ${id} ops :${id} is down`);
    const page = this.chat.hub.services.pages.find("owner-ci", id);
    if (page === undefined) return; // there is no list
    const known = this.pages.get(id);
    if (known !== undefined && known.opening !== "unknown") {
      assertEquals(page.number, known.number, "a confirmed page is not lost");
    }
    if (known?.number === page.number) return;
    this.pages.set(id, {
      number: page.number,
      id,
      steps: page.steps.map((step) => step.kind === "accounts" ? step.accounts.map(({ name }) => name) : []),
      seconds: page.steps.map(({ seconds }) => seconds),
      opening: "unknown",
      winner: undefined,
      end: undefined,
      isEndSaved: false,
      seen: undefined,
      lastRing: new Map(),
    });
  }

  /** Hears what everyone was told, and compares it with the model; `isSettled`: all that is due has been done. */
  check(isSettled = false): void {
    const lines = this.chat.heard(this.sessions.get("ci")!);
    for (const line of lines) this.#hearPager(line.replace(/^@\S+ /, "").split(" ").slice(1));
    for (const name of PEOPLE) {
      const session = this.sessions.get(name);
      if (session !== undefined) {
        for (const line of told(this.chat.heard(session))) this.#hear(name, line.split(" "));
      }
    }
    for (const page of this.pages.values()) this.#checkPage(page, isSettled);
  }

  /** `WARN PAGE NOT_SAVED <id>`, `NOTE PAGE SAVED <id>`, `PAGE OPEN <id>`, `PAGE END <id> <number> <how> <nick>` */
  #hearPager([kind, word, code, id, ...rest]: readonly string[]): void {
    if (kind === "WARN") this.#warned = id;
    if (kind === "NOTE") {
      const page = this.pages.get(id!)!;
      this.unsaved.saved++;
      page.opening = "saved";
      page.isEndSaved = page.end !== undefined || page.winner !== undefined;
    }
    if (kind !== "PAGE") return;
    const page = this.pages.get(code!);
    const isSaved = this.#warned !== code;
    if (word === "OPEN" || word === "END") this.#warned = undefined;
    if (page === undefined) return;
    if (!isSaved) this.unsaved.told++;
    if (word === "OPEN" && isSaved) page.opening = "saved";
    if (word === "OPEN" && page.opening === "unknown") page.opening = "unsaved";
    if (word !== "END") return;
    const end = `${rest[0]} ${rest[1]}`;
    assert(page.end === undefined || page.end === end, `page ${id} has ended twice`);
    page.end = end;
    page.isEndSaved ||= isSaved;
  }

  /** Id of the page of the last line, which was a warning. */
  #warned: string | undefined;

  #hear(name: string, [word, digits, how, by]: readonly string[]): void {
    const page = [...this.pages.values()].findLast(({ number }) => String(number) === digits);
    if (page === undefined) return;
    if (word === "ACK") {
      assert(page.winner === undefined || page.winner === name, `${name} and ${page.winner} were both first`);
      page.winner = name;
    }
    if (word === "STOPPED") {
      assert(page.end === undefined || page.end === `${how} ${by}`, `page ${digits} has ended twice`);
      page.end = `${how} ${by}`;
    }
    if (word !== "RINGING") return;
    assert(page.end === undefined && page.winner === undefined, `page ${digits} rings after its end`);
    const last = page.lastRing.get(name);
    assert(last === undefined || this.chat.now - last >= RING_INTERVAL_MS, `${name} is rung too often`);
    page.lastRing.set(name, this.chat.now);
  }

  /** The state of the page in the hub is one that can follow from what was told, and from the time. */
  #checkPage(model: ModelPage, isSettled: boolean): void {
    const page = this.chat.hub.services.pages.get(model.number);
    if (page === undefined || page.id !== model.id) {
      return assert(model.opening === "unknown", `${model.id} is lost`);
    }
    if (model.winner !== undefined) assertEquals(page.end?.nick, model.winner, "the first one stays");
    if (model.end !== undefined) assertEquals(`${page.end?.how} ${page.end?.nick || "*"}`, model.end);
    const { begun, people, ringingSince } = page;
    const begunNames = new Set(model.steps.flatMap((names, nth) => nth < begun ? names : []));
    const rung = people.map(({ name }) => name);
    assertEquals(new Set(rung), begunNames, "those of the steps that have begun");
    assertEquals(rung.length, begunNames.size, "each once");
    if (page.end !== undefined || ringingSince === 0 || !isSettled) return;
    assert(this.chat.now - ringingSince < MAX_PAGE_MS, "it has ended after a day");
    assert(page.stepAt > this.chat.now, "no step is due");
    const { seen } = model;
    assert(
      seen === undefined || begun === seen.begun || this.chat.now >= seen.stepAt,
      "a step begins in its time",
    );
    model.seen = { begun, stepAt: page.stepAt };
    assert(
      page.stepAt - this.chat.now <= model.seconds[(begun - 1) % model.seconds.length]! * SECOND_MS,
      "step",
    );
    for (const { name, ringAt } of people) {
      assert(ringAt > this.chat.now && ringAt <= this.chat.now + RING_INTERVAL_MS, "the next ring");
      const present = this.#presentSince.get(name);
      const heard = model.lastRing.get(name) ?? present;
      assert(
        heard === undefined || this.chat.now - Math.max(heard, present ?? Infinity) <= MAX_SILENT_MS,
        `${name} is not rung`,
      );
    }
  }

  /** Each person has at most one message of a page, and one of its end; one that was not saved may be followed by others. */
  checkMessages(): void {
    const messages = recorded(this.chat).filter((text) => !text.includes("not saved"));
    assertEquals(messages.length, new Set(messages).size, messages.join("\n"));
  }

  act(): void {
    const { random } = this;
    const person = random.pick(PEOPLE);
    switch (random.below(13)) {
      case 0:
      case 1:
        return this.open();
      case 2: {
        const open = [...this.chat.hub.services.pages.open()];
        return open.length === 0 ? undefined : this.say(person, `PAGE ACK ${random.pick(open).number}`);
      }
      case 3:
        return this.pages.size === 0 ? undefined : this.say(person, `PAGE ACK ${this.#anyNumber()}`);
      case 4:
        return this.random.chance(3) && this.pages.size > 0
          ? this.say("ci", `PAGE WITHDRAW ${random.pick([...this.pages.keys()])}`)
          : undefined;
      case 5: {
        this.say("root", `ONCALL SILENCE ops ${random.pick([0, 0, 60, 200])} :x`);
        return this.#finishJobs();
      }
      case 6:
        this.setList();
        return;
      case 7:
        return this.sessions.has(person) ? undefined : this.enter(person);
      case 8: {
        const session = this.sessions.get(person);
        this.check();
        if (session !== undefined) this.chat.hub.close(session, "gone", this.chat.now);
        this.sessions.delete(person);
        this.#presentSince.delete(person);
        return;
      }
      case 9:
        this.check();
        return this.crash();
      case 10:
        return this.fail();
      default:
        return this.sync();
    }
  }

  #anyNumber(): number {
    return this.random.pick([...this.pages.values()]).number;
  }

  #finishJobs(): void {
    for (const job of this.chat.takeJobs()) {
      if (job.kind === "save") this.chat.hub.resume(job.session, () => job.done(undefined), this.chat.now);
    }
  }

  wait(): void {
    this.chat.now += TURN_MS * (1 + this.random.below(MAX_TURNS));
    const { pages } = this.chat.hub.services;
    do this.chat.hub.runDue(this.chat.now); while (pages.nextDue <= this.chat.now);
    this.chat.deliver();
    this.collect();
  }
}

pureTest("pages: over random schedules with crashes they ring as they must, and end once", () => {
  let [ends, rings] = [0, 0];
  const unsaved = { told: 0, saved: 0, lost: 0 };
  forAll(100, (random) => {
    const run = new Run(random);
    for (let turn = 0; turn < 120; turn++) {
      run.act();
      run.check();
      run.wait();
      run.check(true);
    }
    run.sync();
    run.check();
    run.checkMessages();
    unsaved.told += run.unsaved.told, unsaved.saved += run.unsaved.saved, unsaved.lost += run.unsaved.lost;
    for (const { end, people } of run.chat.hub.services.pages.all) {
      if (end !== undefined) ends++;
      for (const each of people) rings += each.rings;
    }
  });
  const figures = JSON.stringify(unsaved);
  assert(
    unsaved.told > 100 && unsaved.saved > 20 && unsaved.lost > 20,
    `the disk fails too rarely: ${figures}`,
  );
  assert(ends > 100 && rings > 1000, `the schedules do little: ${ends} ends, ${rings} rings`);
});
