/**
 * Kills writers of an inbox at random moments: `deno task kill-writers --rounds 1000`. Some write at a time; each round
 * kills one of them and starts another. What a writer was told is put must come out once, in order and whole, and
 * nothing else.
 */
import { assert } from "../../lib/base/assert.ts";
import { nextLoopIteration } from "../../lib/base/event_loop.ts";
import type { FlagTable } from "../../lib/cli/flags/flags.ts";
import { type Inbox, inboxBytes } from "../../lib/shm/inbox.ts";
import { linesOf } from "../commands/program.ts";
import { Random } from "../irc/property.ts";
import { isSame } from "../log/samples.ts";
import { comesTrue } from "../support/guard.ts";
import { readToolFlags } from "../support/tool_flags.ts";
import { createInbox, sampleRecord, sharedMemory } from "./inboxes.ts";
import { loadLibc, spawnProgram } from "./segments.ts";

const FLAGS = {
  rounds: { type: "integer", value: "N", default: "1000", min: 1, help: "writers to kill" },
  seed: { type: "integer", value: "N", min: 0, help: "of the moments (default: by chance)" },
} as const satisfies FlagTable;

const CAPACITY = 16 * 1024;
const WRITERS = 3;
/** Bound of the time between kills. */
const MAX_PAUSE_MS = 30;

export interface KillTally {
  readonly rounds: number;
  readonly records: number;
  /** Kills that struck while the mutex was held. */
  readonly repairs: number;
}

/** A writer that runs, and the records that it has put. */
class KilledWriter {
  /** The last number that it printed; -1: none. */
  acknowledged = -1;
  /** Records that came out of the inbox, all in order. */
  received = 0;
  readonly #child: Deno.ChildProcess;
  readonly #printed: Promise<void>;

  constructor(readonly id: number, name: string) {
    this.#child = spawnProgram("program_inbox_writer.ts", name, String(id), String(inboxBytes(CAPACITY)));
    this.#printed = this.#readNumbers();
  }

  async #readNumbers(): Promise<void> {
    for await (const line of linesOf(this.#child.stdout)) this.acknowledged = Number(line);
  }

  async kill(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#child.status;
    await this.#printed;
  }
}

/** Takes what is in the inbox; checks that each record is the next one of its writer. */
function takeAll(inbox: Inbox, writers: ReadonlyMap<number, KilledWriter>): void {
  for (let outcome = inbox.take(); outcome.kind !== "empty"; outcome = inbox.take()) {
    assert(outcome.kind === "ok", "no writer damages the inbox");
    const view = new DataView(outcome.payload.buffer);
    const writer = writers.get(view.getUint32(0, true));
    assert(writer !== undefined, "a record comes from a writer");
    const expected = sampleRecord(writer.id, writer.received);
    assert(isSame(outcome.payload, expected), `record ${writer.received} of writer ${writer.id} is next`);
    writer.received++;
  }
}

/** Kills `rounds` writers; throws where a record is lost, doubled or damaged. */
export async function killWriters(name: string, rounds: number, seed: number): Promise<KillTally> {
  const random = new Random(seed);
  const memory = sharedMemory(name, inboxBytes(CAPACITY), true);
  const inbox = createInbox(memory, CAPACITY);
  const writers = new Map<number, KilledWriter>();
  const alive: KilledWriter[] = [];
  try {
    for (let round = 0; round < rounds; round++) {
      while (alive.length < WRITERS) {
        const writer = new KilledWriter(writers.size, name);
        writers.set(writer.id, writer);
        alive.push(writer);
      }
      const victim = alive[random.below(alive.length)]!;
      await comesTrue(`a record of writer ${victim.id}`, () => {
        takeAll(inbox, writers);
        return victim.received > 0;
      });
      const end = performance.now() + random.below(MAX_PAUSE_MS);
      while (performance.now() < end) {
        takeAll(inbox, writers);
        await nextLoopIteration();
      }
      await victim.kill();
      alive.splice(alive.indexOf(victim), 1);
      takeAll(inbox, writers);
      const beyond = victim.received - (victim.acknowledged + 1);
      assert(beyond === 0 || beyond === 1, `writer ${victim.id}: ${beyond} records beyond what it was told`);
    }
  } finally {
    for (const writer of alive) await writer.kill();
    loadLibc().shmUnlink(name);
  }
  let records = 0;
  for (const { received } of writers.values()) records += received;
  return { rounds, records, repairs: inbox.repairs };
}

async function main(args: string[]): Promise<number> {
  const parsed = readToolFlags(FLAGS, args);
  if ("code" in parsed) return parsed.code;
  const { rounds, seed = Math.floor(Math.random() * 1_000_000) } = parsed.flags;
  console.log(`seed ${seed}`);
  const { records, repairs } = await killWriters(`chatterbox-kill-writers-${Deno.pid}`, rounds, seed);
  console.log(
    `${rounds} writers killed, ${repairs} of them with the mutex: ${records} records, each once and in order`,
  );
  return 0;
}

if (import.meta.main) Deno.exitCode = await main(Deno.args);
