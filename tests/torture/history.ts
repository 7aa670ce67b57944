/** One data folder, under one server after the other, with those who talk and listen all the while. */
import { Random } from "../irc/property.ts";
import type { Fault } from "../support/fault_proxy.ts";
import { FaultProxy } from "../support/fault_proxy.ts";
import { inTime } from "../support/guard.ts";
import { LineClient } from "../support/line_client.ts";
import { ArchiveJudge, readArchived } from "./archived.ts";
import { Ear, judgeHistory } from "./ear.ts";
import { Follower } from "./follower.ts";
import { Ledger } from "./ledger.ts";
import { Life } from "./life.ts";
import type { TcpAddress } from "./life.ts";
import { MAX_SENDERS } from "./plan.ts";
import type { End, RoundPlan, Talk } from "./plan.ts";
import { CHANNELS, Sender } from "./sender.ts";
import { NOTHING_STORED, readStored } from "./stored.ts";
import type { StoredLog } from "./stored.ts";
import type { Tally } from "./tally.ts";

/** Where an end waits for what does not come (there is nothing more to acknowledge, or to write), it comes after this. */
const MAX_TALK_MS = 2500;
/** A server that is told to end, and does not, is at fault. */
const MAX_STOP_MS = 30_000;
/** A cut connection has passed no more bytes than this. */
const MAX_PASSED_BYTES = 12_000;
/** A ring of this size is overwritten in a round. */
const SMALL_BUFFER_BYTES = 256 * 1024;

export class History {
  readonly #ledger: Ledger;
  readonly #archive: ArchiveJudge;
  readonly #tally: Tally;
  readonly #random: Random;
  readonly #proxy = new FaultProxy();
  readonly #senders: Sender[];
  readonly #slackMs: number;
  #follower: Follower | undefined;
  #bufferBytes = 0;
  #numbers = 0;

  /** `home`: an empty folder. `slackMs` as in {@link Death}. */
  constructor(readonly home: string, seed: number, slackMs: number, tally: Tally) {
    this.#tally = tally;
    this.#ledger = new Ledger(tally);
    this.#archive = new ArchiveJudge(this.#ledger);
    this.#random = new Random(seed);
    this.#slackMs = slackMs;
    this.#senders = Array.from(
      { length: MAX_SENDERS },
      (_, index) => new Sender(index, this.#ledger, new Random(seed + 1 + index)),
    );
  }

  /** One server's life, and the judgement of it. */
  async round(plan: RoundPlan): Promise<void> {
    this.#ledger.isSmall = plan.bufferBytes <= SMALL_BUFFER_BYTES;
    const before = this.#ledger.stored;
    const shrunk = plan.bufferBytes < this.#bufferBytes;
    if (this.#bufferBytes !== 0 && plan.bufferBytes !== this.#bufferBytes) this.#tally.resized++;
    this.#bufferBytes = plan.bufferBytes;
    const life = new Life(this.home, plan);
    if (plan.end.kind === "starting") {
      await Promise.race([life.written(plan.end.writes), pause(plan.end.ms), life.ended]);
      life.signal("SIGKILL");
      return await this.#bury(life, plan, []);
    }
    const address = await life.listening;
    if (address === undefined) return this.#tally.fault(`a server did not start: ${await life.words}`);
    const ears = await this.#open(address, before, shrunk);
    const work = this.#talk(address, plan.talk);
    await this.#end(life, plan.end);
    await inTime("the end of a server", life.ended);
    for (const sender of this.#senders) sender.stop();
    this.#proxy.upstream = undefined;
    this.#proxy.cut();
    await Promise.all([work, ...ears.map((ear) => ear.ended())]);
    await this.#bury(life, plan, ears);
  }

  /** A last server, in peace: who follows catches up. Where there is a fault already, all stays as it is. */
  async close(plan: RoundPlan): Promise<void> {
    try {
      if (this.#follower !== undefined && this.#tally.faults.length === 0) {
        await this.#lastLife(this.#follower, plan);
      }
    } finally {
      this.#proxy.upstream = undefined;
      this.#proxy.cut();
      await this.#follower?.close();
      this.#proxy.close();
    }
  }

  async #lastLife(follower: Follower, plan: RoundPlan): Promise<void> {
    const life = new Life(this.home, plan);
    const address = await life.listening;
    if (address === undefined) return this.#tally.fault(`a server did not start: ${await life.words}`);
    this.#proxy.upstream = address;
    this.#proxy.planner = () => undefined;
    const text = await this.#sayAlone(address, follower.channel);
    if (!await follower.sees(text)) this.#tally.fault(`logs --follow does not come back: ${follower.errors}`);
    life.signal("SIGTERM");
    await inTime("the end of a server", life.ended);
    await this.#bury(life, plan, []);
    follower.judge(this.#ledger, this.#ledger.stored);
  }

  /** Before anybody speaks: what the server has is what the file had. */
  async #open(address: TcpAddress, before: StoredLog, shrunk: boolean): Promise<Ear[]> {
    const ears = [new Ear("ear1", this.#ledger), new Ear("ear2", this.#ledger)];
    for (const ear of ears) await ear.enter(address);
    for (const channel of CHANNELS) {
      judgeHistory(this.#ledger, channel, await ears[0]!.history(channel), before, shrunk);
    }
    this.#proxy.upstream = address;
    if (this.#follower === undefined) {
      const text = await this.#sayAlone(address, CHANNELS[0]);
      this.#follower = new Follower(CHANNELS[0], this.#proxy.url, this.home);
      await this.#follower.sees(text);
    }
    return ears;
  }

  /** Somebody says one thing, and gets its acknowledgement. */
  async #sayAlone(address: TcpAddress, channel: string): Promise<string> {
    const nick = "visitor";
    const number = this.#numbers++;
    const text = `${nick}-${number}`;
    this.#ledger.say({
      by: nick,
      target: channel,
      text,
      number,
      id: undefined,
      awaits: false,
      connection: 0,
    });
    const client = await LineClient.enter({ address, nick });
    client.send(`PRIVMSG ${channel} :${text}`);
    await client.barrier();
    client.close();
    return text;
  }

  async #talk(address: TcpAddress, talk: Talk): Promise<void> {
    this.#proxy.upstream = address;
    this.#proxy.planner = () => {
      if (talk.cutOneIn === 0 || !this.#random.chance(talk.cutOneIn)) return undefined;
      this.#tally.cuts++;
      const direction = this.#random.chance(2) ? "up" : "down";
      return { kind: "cut", direction, at: { afterBytes: this.#random.below(MAX_PASSED_BYTES) } } as Fault;
    };
    await Promise.all(this.#senders.slice(0, talk.senders).map((sender) => sender.work(this.#proxy, talk)));
  }

  async #end(life: Life, end: Exclude<End, { kind: "starting" }>): Promise<void> {
    switch (end.kind) {
      case "acknowledged":
      case "durable":
        await Promise.race([this.#told(end.kind, end.count), pause(MAX_TALK_MS)]);
        break;
      case "writing":
        await Promise.race([life.written(end.count), pause(MAX_TALK_MS)]);
        break;
      case "archiving":
        await Promise.race([life.written(end.count, "archive"), pause(MAX_TALK_MS)]);
        break;
      case "time":
        await pause(end.ms);
        break;
      case "stopped": {
        await pause(end.ms);
        life.signal("SIGTERM");
        const late = Symbol();
        if (await Promise.race([life.ended, pause(MAX_STOP_MS).then(() => late)]) !== late) return;
        this.#tally.fault(`a server does not end ${MAX_STOP_MS} ms after SIGTERM`);
        break;
      }
      case "stopping":
        await pause(end.ms);
        life.signal("SIGTERM");
        await pause(end.killMs);
    }
    life.signal("SIGKILL");
  }

  /** Resolves once the senders have been told so of `count` messages. */
  #told(what: "acknowledged" | "durable", count: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    let left = count;
    this.#ledger.onNews = (news) => {
      if (news === what && --left === 0) resolve();
    };
    return inTime(`${count} messages are ${what}`, promise);
  }

  async #bury(life: Life, plan: RoundPlan, ears: readonly Ear[]): Promise<void> {
    const { code, signal } = await inTime("the end of a server", life.ended);
    const words = await inTime("the end of its output", life.words);
    if (signal !== "SIGKILL" && code !== 0) this.#tally.fault(`a server ended with ${code}: ${words}`);
    const stored = readStored(life.logFile);
    if (stored.kind === "bad") return this.#tally.fault(`the file can't be read: ${stored.why}`);
    const after = stored.kind === "missing" ? NOTHING_STORED : stored;
    const before = this.#ledger.stored;
    const killedAt = signal === "SIGKILL" ? life.killedAt : undefined;
    for (const ear of ears) ear.judge(before, after, plan.sync === "always");
    this.#ledger.judge(after, { killedAt, sync: plan.sync, slackMs: this.#slackMs });
    this.#archive.judge(readArchived(life.archiveFile), after);
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
