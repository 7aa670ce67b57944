/** A hub with a log of its own (a ring, unless another one is given) and a clock that the test moves. */
import type { ArchiveAnswer, ArchiveOrder, ArchiveQuery } from "../../lib/log/archive.ts";
import { assert } from "../../lib/base/assert.ts";
import type { SavedFact } from "../../lib/log/fact.ts";
import { Hub } from "../../lib/hub/hub.ts";
import type { EventLog } from "../../lib/hub/log/event_log.ts";
import type { ServerEvent } from "../../lib/hub/model/server_event.ts";
import type { CalendarJob, Job } from "../../lib/hub/model/state/async_job.ts";
import type { NotificationOrder } from "../../lib/hub/services/oncall/notify_urls.ts";
import type { HubConfig } from "../../lib/hub/model/config.ts";
import type { LineFault } from "../../lib/irc/line_splitter.ts";
import type { Session } from "../../lib/hub/model/state/entities.ts";
import { readDutyOutlook } from "../../lib/hub/services/duty/duty_outlook.ts";
import { deriveCredentials } from "../../lib/irc/sasl/scram_server.ts";
import { ConsoleRunner } from "../../lib/server/console/console_runner.ts";
import { operatorIssuer } from "../../lib/server/console/console_command.ts";
import { Ring } from "../../lib/log/ring.ts";

/** 2026-01-02T03:04:05.000Z. */
export const START = Date.UTC(2026, 0, 2, 3, 4, 5);

let randomSoFar = 0;

/** Those of {@link TestHub.errands}. */
type SessionJob = Exclude<Job, CalendarJob>;

export const TEST_CONFIG: HubConfig = {
  serverName: "irc.test",
  network: "TestNet",
  version: "0.0.0",
  logId: "testlog",
  password: undefined,
  motd: ["Welcome to the test"],
  maxClients: 1000,
  accounts: "open",
  opers: new Set(),
  random: (bytes) => new Uint8Array(bytes).fill(++randomSoFar),
  startedAt: START,
};

const decoder = new TextDecoder();

export class TestHub {
  readonly hub: Hub;
  readonly log: EventLog;
  now: number;
  /** Why facts can't be saved. */
  trouble: string | undefined;
  /** The disk has not taken anything yet. */
  holdsDurable = false;
  /** Answers queries to the archive; undefined: none is there. */
  archive: ((query: ArchiveQuery) => ArchiveAnswer | undefined) | undefined;
  /** What the archive was to do so far; the test may take it out. */
  readonly archiveOrders: ArchiveOrder[] = [];
  /** Notifications that were to be sent; the test takes them out and calls their `done`. */
  readonly notifications: NotificationOrder[] = [];
  /** Calendars that are to be read: the test takes them out and calls their `done`. Undefined: they are read at once. */
  calendars: CalendarJob[] | undefined;
  readonly administration: ConsoleRunner;
  #nextId = 1;
  #lines = new Map<Session, string[]>();
  #jobs: SessionJob[] = [];
  /** By kind and key: of each fact the newest. */
  readonly #facts = new Map<string, SavedFact>();
  readonly #serverEvents: ServerEvent[] = [];
  /** What sessions have sent that wait for an errand, as the server's turn holds it. */
  #held = new Map<Session, (string | LineFault)[]>();

  constructor(
    config: Partial<HubConfig> = {},
    log: EventLog = Ring.create(1 << 20),
    facts: readonly SavedFact[] = [],
    now = START,
  ) {
    this.log = log;
    this.now = now;
    this.hub = new Hub({ ...TEST_CONFIG, ...config }, log);
    const run = (task: (hub: Hub, now: number) => void) => {
      task(this.hub, this.now);
      this.deliver();
      return Promise.resolve();
    };
    this.administration = new ConsoleRunner({ run }, () => Promise.resolve(this.trouble));
    // As the database does: a fact that was deleted is none.
    this.hub.start(this.now, facts.filter(({ value, fault }) => value !== undefined || fault !== undefined));
  }

  /** The log, where it is a ring. */
  get ring(): Ring {
    assert(this.log instanceof Ring, "this hub has another log");
    return this.log;
  }

  open(host = "127.0.0.1", isInternal = false): Session {
    const session = this.hub.open(this.#nextId++, host, false, this.now, undefined, false, isInternal);
    if (session === undefined) throw new Error("the hub is full");
    this.#lines.set(session, []);
    return session;
  }

  /** A registered session called `nick` whose welcome has been dropped. */
  enter(nick: string, ...caps: string[]): Session {
    const session = this.open();
    if (caps.length > 0) this.say(session, `CAP REQ :${caps.join(" ")}`);
    this.say(session, `NICK ${nick}`, `USER ${nick} 0 * :${nick}`);
    if (caps.length > 0) this.say(session, "CAP END");
    this.heard(session);
    return session;
  }

  /** `session` sends `lines`, all in one turn. */
  say(session: Session, ...lines: (string | LineFault)[]): void {
    const held = this.#held.get(session) ?? [];
    held.push(...lines);
    while (held.length > 0 && session.connection.suspendedLine === undefined) {
      this.hub.line(session, held.shift()!, this.now);
    }
    if (held.length > 0) this.#held.set(session, held);
    else this.#held.delete(session);
    this.deliver();
  }

  /** What `session` has been told since the last call. */
  heard(session: Session): string[] {
    return this.#lines.get(session)?.splice(0) ?? [];
  }

  /** Does what the hub wants done, and what comes of that; facts are taken for saved. */
  async errands(): Promise<void> {
    for (let errands = this.takeJobs(); errands.length > 0; errands = this.takeJobs()) {
      for (const errand of errands) {
        let go: () => void;
        if (errand.kind === "derive") {
          const waitMs = errand.countAttempt(this.now);
          const { password, salt, iterations } = errand;
          const credentials = waitMs > 0 ? undefined : await deriveCredentials(password, salt, iterations);
          go = () =>
            credentials === undefined
              ? errand.onRefused({ kind: "attempts", waitMs })
              : errand.done(credentials);
        } else if (errand.kind === "command") {
          const { session, user, line, done } = errand;
          const { lines, failure } = await this.administration.run(line, operatorIssuer(session, user));
          go = () => done(failure === undefined ? lines : [...lines, failure.words]);
        } else if (errand.kind === "archive") {
          const answer = this.archive?.(errand.query);
          go = () => errand.done(answer);
        } else if (errand.kind === "evaluate") {
          const trouble = await errand.run().then(() => undefined, String);
          go = () => errand.done(trouble);
        } else if (errand.kind === "yield") {
          go = () => errand.done();
        } else {
          go = () => errand.done(this.trouble);
        }
        this.hub.resume(errand.session, go, this.now);
        this.say(errand.session); // what it has sent meanwhile
      }
    }
  }

  /** Ends a turn, and runs what waits for the disk, unless {@link holdsDurable}. */
  deliver(): void {
    this.#deliverTurn();
    const { durableActions } = this.hub.services;
    while (!durableActions.isEmpty && !this.holdsDurable) {
      this.hub.beginTask(this.now);
      durableActions.run(durableActions.nextTicket, this.trouble);
      this.#deliverTurn();
    }
  }

  #deliverTurn(): void {
    const { deliveries, jobs, facts, serverEvents, archiveOrders, notifications } = this.hub.takeEffects();
    this.notifications.push(...notifications);
    this.archiveOrders.push(...archiveOrders);
    for (const { session, chunks } of deliveries) {
      const text = chunks.map((chunk) => decoder.decode(chunk)).join("");
      this.#lines.get(session)?.push(...text.split("\r\n").slice(0, -1));
    }
    for (const job of jobs) {
      if (job.kind !== "calendar") this.#jobs.push(job);
      else if (this.calendars === undefined) job.done(readDutyOutlook(job.text, job.at));
      else this.calendars.push(job);
    }
    for (const fact of facts) this.#facts.set(`${fact.kind}\0${fact.key}`, fact);
    this.#serverEvents.push(...serverEvents);
  }

  /** The jobs since the last call. */
  takeJobs(): SessionJob[] {
    this.deliver();
    return this.#jobs.splice(0);
  }

  /** The facts that are new since the last call. */
  takeFacts(): SavedFact[] {
    this.deliver();
    const facts = [...this.#facts.values()];
    this.#facts.clear();
    return facts;
  }

  /** The server's events so far; the test may take them out. */
  get serverEvents(): ServerEvent[] {
    this.deliver();
    return this.#serverEvents;
  }

  advance(ms: number): void {
    this.now += ms;
    this.hub.tick(this.now);
    this.deliver();
  }
}
