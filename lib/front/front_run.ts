/** A front from its start to its end: connects to the hub, is told its setup, and runs. */
import { VERSION } from "../base/version.ts";
import { FrameConn } from "../net/frame_conn.ts";
import { MAX_FRAME_BYTES } from "../relay/frame.ts";
import {
  decodeWelcome,
  describeMismatch,
  encodeHello,
  MAX_SETUP_BYTES,
  RELAY_VERSION,
} from "../relay/handshake.ts";
import { RelayFault } from "../relay/wire.ts";
import { TlsAcceptor } from "../server/listen/certificate.ts";
import { parseSetup } from "../server/relay/front_setup.ts";
import { Front } from "./front.ts";

/** Bound on the bytes that wait for the hub: the lines of one read for each client, beyond which none is read. */
export const MAX_UPWARD_QUEUE_BYTES = 64 * 1024 * 1024;

/** Runs front `index` of the hub at `socketPath`, until the relay ends. Returns why it could not run. */
export async function runFront(socketPath: string, index: number): Promise<string | undefined> {
  let conn: Deno.Conn;
  try {
    conn = await Deno.connect({ transport: "unix", path: socketPath });
  } catch (error) {
    return `${socketPath}: ${error instanceof Error ? error.message : String(error)}`;
  }
  const relay = new FrameConn(conn, MAX_SETUP_BYTES, MAX_UPWARD_QUEUE_BYTES);
  try {
    return await serveRelay(relay, socketPath, index);
  } catch (error) {
    if (error instanceof RelayFault) return `the hub broke the relay: ${error.message}`;
    throw error;
  } finally {
    relay.close();
  }
}

async function serveRelay(relay: FrameConn, socketPath: string, index: number): Promise<string | undefined> {
  const side = { version: RELAY_VERSION, program: VERSION };
  relay.send([encodeHello({ kind: "front", side, index, pid: Deno.pid })]);
  const frame = await relay.read();
  if (frame === undefined) return "the hub closed the relay";
  const welcome = decodeWelcome(frame);
  if (welcome.kind === "mismatch") return describeMismatch(side, welcome.side);
  relay.maxFrameBytes = MAX_FRAME_BYTES;
  const setup = parseSetup(welcome.setup);
  const tls = setup.tls && await TlsAcceptor.open(setup.tls);
  if (tls?.kind === "bad") return `${tls.path}: ${tls.why}`;
  await new Front(relay, socketPath, setup, tls?.acceptor).serve();
  return undefined;
}
