/**
 * The thread that holds most receivers. It only counts: the senders and the receivers that are checked live in the main
 * thread, so that reading from a thousand sockets does not delay the few that take the latency.
 */
import { inParallel, LoadClient, readBytesFor } from "./load_client.ts";
import { LoadError } from "./load_error.ts";
import type { FromReceivers, ToReceivers } from "./receiver_messages.ts";
import { LineCounter } from "./line_counter.ts";

/** By index in the pool. */
const members: LoadClient[] = [];

/** What is used of a worker's global scope. */
interface WorkerScope {
  onmessage: ((event: MessageEvent<ToReceivers>) => void) | null;
  postMessage(message: FromReceivers): void;
}

const scope = globalThis as unknown as WorkerScope;

async function enter(part: ToReceivers & { kind: "enter" }): Promise<void> {
  const { addresses, password, channel, caps, nick, total, first, count, atOnce } = part;
  const readBytes = readBytesFor(total);
  await inParallel(count, atOnce, async (nth) => {
    const index = first + nth;
    const client = await LoadClient.enter({
      address: addresses[index % addresses.length]!,
      password,
      channel,
      caps,
      nick: `${nick}${index}`,
      readBytes,
    });
    client.onEnd = (why) => scope.postMessage({ kind: "dropped", index, why });
    members[index] = client;
  });
  scope.postMessage({ kind: "entered" });
}

/** From the mark on, which is the last line before the run, messages are counted. */
async function awaitMark({ mark, first, count, counts }: ToReceivers & { kind: "await" }): Promise<void> {
  const shared = new Uint32Array(counts);
  const marked = members.slice(first, first + count).map(async (client, nth) => {
    const counter = new LineCounter((line) => client.line(line));
    await client.sees("the mark", new RegExp(mark));
    client.onBytes = (buffer, length) => {
      counter.take(buffer, length);
      shared[first + nth] = counter.count;
    };
  });
  scope.postMessage({ kind: "waiting" });
  await Promise.all(marked);
  scope.postMessage({ kind: "ready" });
}

scope.onmessage = async ({ data }) => {
  try {
    await (data.kind === "enter" ? enter(data) : awaitMark(data));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    scope.postMessage({ kind: "failed", error: error instanceof LoadError ? error.kind : undefined, why });
  }
};
