/**
 * The thread that holds most receivers of a channel. It only counts: the senders and the receivers that are looked at live in the
 * main thread, so that reading from a thousand sockets is not in the way of the few whose latency is taken.
 */
import { Client, inParallel, readBytesFor, Unsupported } from "./client.ts";
import type { FromCrowd, ToCrowd } from "./crowd.ts";
import { LineCounter } from "./line_counter.ts";

const members: Client[] = [];
/** Each resolves when its member has seen the mark. */
const marked: Promise<unknown>[] = [];

/** What we use of a worker's global scope. */
interface WorkerScope {
  onmessage: ((event: MessageEvent<ToCrowd>) => void) | null;
  postMessage(message: FromCrowd): void;
}

const scope = globalThis as unknown as WorkerScope;

async function enter({ door, channel, caps, total, first, count, atOnce }: ToCrowd & { kind: "enter" }) {
  const entered = await inParallel(
    count,
    atOnce,
    (index) =>
      Client.enter({ door, channel, caps, nick: `r${first + index}`, readBytes: readBytesFor(total) }),
  );
  for (const client of entered) {
    client.onEnd = (why) => scope.postMessage({ kind: "dropped", nick: client.nick, why });
    members.push(client);
  }
  scope.postMessage({ kind: "entered" });
}

/** From the mark on, which is the last that comes before the run, lines are counted. */
async function awaitMark({ mark, counts }: ToCrowd & { kind: "await" }) {
  const shared = new Uint32Array(counts);
  members.forEach((client, index) => {
    const counter = new LineCounter((line) => client.line(line));
    marked.push(
      client.sees(new RegExp(mark)).then(() => {
        client.onBytes = (buffer, length) => {
          counter.take(buffer, length);
          shared[index] = counter.count;
        };
      }),
    );
  });
  scope.postMessage({ kind: "waiting" });
  await Promise.all(marked);
  scope.postMessage({ kind: "ready" });
}

scope.onmessage = async ({ data }) => {
  try {
    if (data.kind === "enter") await enter(data);
    else await awaitMark(data);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    scope.postMessage({ kind: "failed", why, unsupported: error instanceof Unsupported });
  }
};
