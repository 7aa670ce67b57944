/** The writer and the reader: each a process, or a thread, that does what the run tells it. */
import { nextLoopIteration } from "../../base/event_loop.ts";
import { delay } from "../../base/delay.ts";
import { ownCpuS, ownRssBytes, preciseNow } from "../process_usage.ts";
import { IpcRecordMaker } from "./ipc_record.ts";
import { openReceiver, openSender } from "./peer_carrier.ts";
import type { IpcStep, PeerPort, PeerSetup, SentFigures } from "./peer_messages.ts";
import { StepChecker } from "./step_checker.ts";
import { describeEnd } from "./transport.ts";
import type { RecordSender } from "./transport.ts";

/** A writer that never has to wait looks at messages from the run as often. */
const TURN_MS = 5;

/** Runs one side until the run says stop, or ends. */
export async function runPeer(setup: PeerSetup, port: PeerPort): Promise<void> {
  try {
    await (setup.role === "writer" ? runWriter(setup, port) : runReader(setup, port));
  } catch (error) {
    port.send({ kind: "failed", why: error instanceof Error ? error.message : String(error) });
  }
}

async function runReader(setup: PeerSetup, port: PeerPort): Promise<void> {
  const { receiver, port: tcpPort } = openReceiver(setup);
  const checker = new StepChecker();
  const end = (saw: string | undefined) => {
    const { received: records, damaged } = checker;
    const { partialBytes } = receiver;
    port.send({ kind: "ended", end: { saw, atMs: preciseNow(), records, damaged, partialBytes } });
  };
  const receiving = receiver.receive((bytes, nowMs) => {
    const figures = checker.take(bytes, nowMs);
    if (figures !== undefined) port.send({ kind: "received", figures });
  });
  void receiving.then(end);
  port.send({ kind: "ready", ...tcpPort === undefined ? {} : { port: tcpPort } });
  for await (const message of port.messages) {
    if (message.kind === "stop") return end(undefined);
  }
}

async function runWriter(setup: PeerSetup, port: PeerPort): Promise<void> {
  const writer = new StepWriter(await openSender(setup));
  const end = (saw: string | undefined) =>
    port.send({
      kind: "ended",
      end: { saw, atMs: preciseNow(), records: writer.sent, damaged: 0, partialBytes: 0 },
    });
  port.send({ kind: "ready" });
  for await (const message of port.messages) {
    if (message.kind === "stop") return end(undefined);
    void writer.run(message.step).then(
      (figures) => port.send({ kind: "sent", figures }),
      (error) => end(describeEnd(error)),
    );
  }
}

/** Sends the records of one step after the other. */
class StepWriter {
  readonly #sender: RecordSender;
  /** Records of the current step. */
  sent = 0;

  constructor(sender: RecordSender) {
    this.#sender = sender;
  }

  async run({ sizeBytes, batch, maxMs, maxRecords, pauseMs }: IpcStep): Promise<SentFigures> {
    const maker = new IpcRecordMaker(sizeBytes);
    const cpuAtStartS = ownCpuS();
    const next = () => maker.make(this.sent++, preciseNow());
    const endAt = performance.now() + maxMs;
    let turnEndAt = 0;
    for (this.sent = 0; this.sent < maxRecords;) {
      if (pauseMs > 0) await delay(pauseMs);
      const sending = this.#sender.sendBatch(Math.min(batch, maxRecords - this.sent), next);
      if (sending !== undefined) await sending;
      const now = performance.now();
      if (now >= endAt) break;
      if (now < turnEndAt) continue;
      await nextLoopIteration();
      turnEndAt = now + TURN_MS;
    }
    const { sent } = this;
    await this.#sender.sendBatch(1, () => maker.makeEnd(sent));
    return { sent, cpuS: ownCpuS() - cpuAtStartS, rssBytes: ownRssBytes() };
  }
}
