/** Opens the writer's or the reader's end of a way. */
import { LogLock } from "../../log/log_lock.ts";
import { FileReceiver, FileSender } from "./file_transport.ts";
import type { PeerSetup } from "./peer_messages.ts";
import {
  attachBenchRing,
  BENCH_RING_BYTES,
  createBenchRing,
  createReaderBell,
  createWriterBell,
  RingReceiver,
  RingSender,
} from "./ring_transport.ts";
import { SocketWaker, SpinWaker } from "./ring_wakers.ts";
import { BenchSegment } from "./bench_segment.ts";
import { StreamReceiver, StreamSender } from "./stream_transport.ts";
import type { RecordReceiver, RecordSender } from "./transport.ts";

/** Name of the Web Lock. */
const LOCK = "chatterbox.bench";
const LOOPBACK = "127.0.0.1";

/** The reader's end, which is opened first. `port`: where the writer connects. */
export function openReceiver(setup: PeerSetup): { receiver: RecordReceiver; port?: number } {
  switch (setup.carrier) {
    case "tcp": {
      const listener = Deno.listen({ hostname: LOOPBACK, port: 0 });
      return { receiver: new StreamReceiver(listener), port: listener.addr.port };
    }
    case "unix":
      return { receiver: new StreamReceiver(Deno.listen(socketIn(setup))) };
    case "ring": {
      const shared = createBenchRing(
        BenchSegment.create(setup.segment, BENCH_RING_BYTES).map(BENCH_RING_BYTES),
      );
      const waker = Deno.listen(socketIn(setup)).accept().then((conn) => new SocketWaker(conn));
      return { receiver: new RingReceiver(shared, waker) };
    }
    case "spin": {
      const shared = createBenchRing(
        BenchSegment.create(setup.segment, BENCH_RING_BYTES).map(BENCH_RING_BYTES),
      );
      return { receiver: new RingReceiver(shared, new SpinWaker()) };
    }
    case "file":
      return { receiver: new FileReceiver(setup.segment) };
    case "threads": {
      const shared = createBenchRing(setup.buffer!);
      return { receiver: new RingReceiver(shared, createReaderBell(shared)) };
    }
  }
}

export async function openSender(setup: PeerSetup): Promise<RecordSender> {
  switch (setup.carrier) {
    case "tcp": {
      const conn = await Deno.connect({ hostname: LOOPBACK, port: setup.port! });
      conn.setNoDelay(true);
      return new StreamSender(conn);
    }
    case "unix":
      return new StreamSender(await Deno.connect(socketIn(setup)));
    case "ring": {
      const shared = attachBenchRing(BenchSegment.take(setup.segment).map(BENCH_RING_BYTES));
      return new RingSender(shared, new SocketWaker(await Deno.connect(socketIn(setup))));
    }
    case "spin":
      return new RingSender(
        attachBenchRing(BenchSegment.take(setup.segment).map(BENCH_RING_BYTES)),
        new SpinWaker(),
      );
    case "file":
      return new FileSender(setup.segment);
    case "threads": {
      const shared = attachBenchRing(setup.buffer!);
      return new RingSender(shared, createWriterBell(shared), new LogLock(shared.ring, LOCK));
    }
  }
}

function socketIn({ folder }: PeerSetup): { transport: "unix"; path: string } {
  return { transport: "unix", path: `${folder}/socket` };
}
