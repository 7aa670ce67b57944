/** Clients of a cluster that talk while something fails, and what they must have seen of each other. */
import { delay } from "../../lib/base/delay.ts";
import { assert } from "../../lib/base/assert.ts";
import { comesTrue } from "../support/guard.ts";
import type { SocketClient } from "../support/socket_client.ts";
import type { NodeProcess } from "./node_process.ts";

/** Between an answer and the next message. */
const PAUSE_MS = 20;
/** Two hubs have ended with the line, and it is not stored (docs/handover.md): it is said again. */
const REFUSED = / FAIL PRIVMSG TEMPORARILY_UNAVAILABLE /;
const STORING = / NOTICE \* :the cluster (cannot store|stores) messages/;
/** Answers by which one goes on. */
const FURTHER = 3;

type Answer = "echoed" | "refused" | "lost";

/** A client that says numbered texts, the next one after the echo of the last, and keeps what it sees. */
export class Talker {
  readonly seen: string[] = [];
  acknowledged = 0;
  longestMs = 0;
  /** Its connection has ended. */
  isLost = false;
  /** Rejects if its connection ends, unless that is expected. */
  readonly done: Promise<void>;
  #isStopping = false;
  /** Its connection may end. */
  mayBeLost = false;

  constructor(readonly nick: string, readonly client: SocketClient) {
    this.done = this.#talk();
    this.done.catch(() => {}); // told by stop()
  }

  /** Each ends with an answer to its last message, and has all that any of them has said. */
  static async stop(talkers: readonly Talker[]): Promise<void> {
    for (const each of talkers) each.#isStopping = true;
    await Promise.all(talkers.map(({ done }) => done));
    for (const each of talkers) {
      await each.client.barrier();
      each.#take();
    }
  }

  async #talk(): Promise<void> {
    while (!this.#isStopping) {
      const text = `${this.nick} ${this.acknowledged + 1}`;
      const begun = performance.now();
      let answer: Answer;
      do {
        await this.client.send(`PRIVMSG #lobby :${text}`);
        answer = await this.#hearAnswer(text);
      } while (answer === "refused");
      if (answer === "lost") {
        this.isLost = true;
        if (this.mayBeLost) return;
        throw new Error(`${this.nick} was disconnected: ${this.seen.slice(-5).join("\n")}`);
      }
      this.acknowledged++;
      this.longestMs = Math.max(this.longestMs, performance.now() - begun);
      await delay(PAUSE_MS);
    }
  }

  async #hearAnswer(text: string): Promise<Answer> {
    const isEcho = (line: string) => line.endsWith(` PRIVMSG #lobby :${text}`);
    for (;;) {
      const isMore = await this.client.until((line) =>
        isEcho(line) || REFUSED.test(line) || STORING.test(line)
      );
      const lines = this.#take();
      if (lines.some(isEcho)) return "echoed";
      if (lines.some((line) => REFUSED.test(line))) return "refused";
      if (!isMore) return "lost";
    }
  }

  #take(): string[] {
    const lines = this.client.take().filter((line) => !/^(:\S+ )?PING/.test(line));
    for (const line of lines) if (!REFUSED.test(line)) this.seen.push(line);
    return lines;
  }

  /** It was told, and not yet otherwise, that nothing can be stored. */
  get isTold(): boolean {
    const told = this.seen.findLast((line) => STORING.test(line));
    return told?.includes("cannot store messages") ?? false;
  }

  get texts(): string[] {
    return this.seen.flatMap((line) => / PRIVMSG #lobby :(.*)$/.exec(line)?.[1] ?? []);
  }
}

/** A client at each node that talks from now on; each has seen all others come. */
export async function startTalkers(nodes: readonly NodeProcess[]): Promise<Talker[]> {
  const all: [string, SocketClient][] = [];
  for (const node of nodes) all.push([`${node.name}x`, await node.enter(`${node.name}x`)]);
  const [last] = all.at(-1)!;
  for (const [nick, client] of all) {
    if (nick !== last) {
      assert(await client.until((line) => line.startsWith(`:${last}!`)), "the last has come");
    }
    await client.barrier();
    client.take();
  }
  return all.map(([nick, client]) => new Talker(nick, client));
}

/** Resolves when each of `talkers` has had answers to further messages. */
export async function goOn(talkers: readonly Talker[]): Promise<void> {
  const enough = talkers.map(({ acknowledged }) => acknowledged + FURTHER);
  const heard = () =>
    talkers.flatMap(({ nick, acknowledged, seen }) => [`${nick} ${acknowledged}`, ...seen.slice(-2)]);
  await comesTrue("answers", () => talkers.every((each, n) => each.acknowledged >= enough[n]!), { heard });
}

/**
 * Each acknowledged message is there once, all see one order without a gap, and those that stayed saw no one come or go
 * but those that were lost, and `guests`.
 */
export function checkTalkers(talkers: readonly Talker[], guests: readonly string[] = []): void {
  const stayed = talkers.filter(({ isLost }) => !isLost);
  const order = stayed[0]!.texts;
  for (const { nick, acknowledged, isLost } of talkers) {
    const own = order.filter((text) => text.startsWith(`${nick} `));
    const expected = Array.from({ length: own.length }, (_, nth) => `${nick} ${nth + 1}`);
    assert(own.join() === expected.join(), `each message of ${nick} once: ${own.slice(-10)}`);
    // The last one of a client that is lost may be stored without an answer.
    const most = isLost ? acknowledged + 1 : acknowledged;
    const isWhole = own.length >= acknowledged && own.length <= most;
    assert(isWhole, `${nick}: ${acknowledged} acknowledged, ${own.length} seen`);
  }
  for (const { nick, texts } of talkers) {
    const from = order.indexOf(texts[0]!);
    const at = texts.findIndex((text, nth) => text !== order[from + nth]);
    assert(at < 0, `${nick} saw ${texts.slice(at, at + 3)}, not ${order.slice(from + at, from + at + 3)}`);
  }
  const others = [...talkers.filter(({ isLost }) => isLost).map(({ nick }) => nick), ...guests];
  const isOther = (line: string) => others.some((nick) => line.startsWith(`:${nick}!`));
  for (const { nick, seen } of stayed) {
    const odd = seen.filter((line) =>
      !/ PRIVMSG #lobby :| NOTICE /.test(line) && !(/ (QUIT|JOIN) /.test(line) && isOther(line))
    );
    assert(odd.length === 0, `${nick} saw ${odd.slice(0, 5).join("\n")}`);
  }
}
