/** A writer or reader as a process: told on standard input, and telling on standard output, a JSON object a line. */
import type { PeerSetup, ToPeer } from "./peer_messages.ts";
import { BenchSegment } from "./bench_segment.ts";
import { runPeer } from "./peer.ts";

/**
 * Runs what `setup` says until it is told to stop, or `input` ends because the run is gone: then what the run has made
 * is removed here.
 */
export async function runPeerProcess(
  setup: PeerSetup,
  input: ReadableStream<Uint8Array<ArrayBuffer>>,
  write: (line: string) => void,
): Promise<void> {
  let isRunGone = false;
  const messages = async function* () {
    yield* jsonLines<ToPeer>(input);
    isRunGone = true;
  };
  await runPeer(setup, {
    messages: messages(),
    send: (message) => write(JSON.stringify(message) + "\n"),
  });
  if (!isRunGone) return;
  BenchSegment.remove(setup.segment);
  await Deno.remove(setup.folder, { recursive: true }).catch(() => {}); // the other peer does the same
}

/** The objects of a stream with one JSON object a line. */
export async function* jsonLines<T>(stream: ReadableStream<Uint8Array<ArrayBuffer>>): AsyncGenerator<T> {
  let rest = "";
  for await (const text of stream.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop()!;
    for (const line of lines) yield JSON.parse(line) as T;
  }
}
