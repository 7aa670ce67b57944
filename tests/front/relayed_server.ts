/** A server with one front in the same process: the relay is a connection in memory, the clients' connections are sockets. */
import { Front } from "../../lib/front/front.ts";
import type { Address } from "../../lib/net/address.ts";
import { FrameConn } from "../../lib/net/frame_conn.ts";
import type { PortSharing } from "../../lib/net/listener.ts";
import { pipeConns } from "../../lib/net/pipe_conn.ts";
import { MAX_FRAME_BYTES } from "../../lib/relay/frame.ts";
import { MAX_UP_FRAME_BYTES } from "../../lib/relay/upward.ts";
import type { UpFrame } from "../../lib/relay/upward.ts";
import { Handover } from "../../lib/hub/handover/handover.ts";
import { FrontLink } from "../../lib/server/relay/front_link.ts";
import type { FrontSetup } from "../../lib/server/relay/front_setup.ts";
import { DEFAULT_SERVER_LIMITS } from "../../lib/server/settings/limit_flags.ts";
import { type RunningServer, type RunOptions, runServer } from "../support/chat_server.ts";
import { inTime } from "../support/guard.ts";
import { SocketClient } from "../support/socket_client.ts";

export const TEST_SETUP: FrontSetup = {
  serverName: "irc.test",
  exempt: ["127.0.0.0/8"],
  limits: DEFAULT_SERVER_LIMITS,
  maxClients: 100,
  fronts: 1,
  origins: [],
  names: [],
  holdMs: 0,
};

export interface RelayedServer extends RunningServer {
  readonly link: FrontLink;
  /** Where the front listens. */
  readonly front: Address;
  /** A client of the front. */
  open(): Promise<SocketClient>;
  /** A client of the front, in #lobby as `nick`. */
  enter(nick: string): Promise<SocketClient>;
}

export async function runRelayed(
  options: RunOptions = {},
  setup: Partial<FrontSetup> = {},
): Promise<RelayedServer> {
  const running = await runServer({ ...options, makeHandover: (hub) => new Handover(hub) });
  const [hubEnd, frontEnd] = pipeConns();
  const listening = Promise.withResolvers<UpFrame>();
  const link = new FrontLink({
    index: 0,
    name: "f0",
    conn: new FrameConn(hubEnd, MAX_UP_FRAME_BYTES, 1 << 26),
    host: running.server.relayed!,
    onFrame: (frame) => listening.resolve(frame),
  });
  running.server.useRelay({
    beginRestoring: () => Promise.resolve(),
    flush({ turn, seq, states, answered, closed }) {
      for (const { name: { session }, state } of states) link.keepState(session, state);
      for (const { name: { session }, line } of answered) link.noteAnswered(session, line);
      for (const { session } of closed) link.noteClosed(session);
      link.flush(seq, turn);
    },
    isBehind: (seq) => link.isBehind(seq),
    resume: () => [],
    connected: 1,
    takeover: { restored: 0, refused: 0, ms: 0 },
    get whenDrained() {
      return link.whenDrained;
    },
    get queuedBytes() {
      return link.queuedBytes;
    },
    tick: (now) => link.tick(now),
    stopListening: () => link.tell({ kind: "stop" }),
  });
  const relay = new FrameConn(frontEnd, MAX_FRAME_BYTES, 1 << 26);
  const front = new Front(relay, "/nowhere", { ...TEST_SETUP, ...setup }, undefined);
  const [hubEnded, frontEnded] = [link.serve(), front.serve().finally(() => front.close())];
  const address: Address = { kind: "tcp", host: "127.0.0.1", port: 0 };
  const sharing: PortSharing = "first";
  link.tell({
    kind: "listen",
    request: 0,
    what: JSON.stringify({ address, asked: address, isWeb: false, access: {}, sharing }),
  });
  const said = await inTime("the front listens", listening.promise);
  if (said.kind !== "listening") throw new Error(JSON.stringify(said));
  const at = JSON.parse(said.address) as Address;
  const clients: SocketClient[] = [];
  const open = async () => {
    const client = await SocketClient.connect(at);
    clients.push(client);
    return client;
  };
  return {
    ...running,
    link,
    front: at,
    open,
    async enter(nick) {
      const client = await open();
      await client.send(`NICK ${nick}\r\nUSER ${nick} 0 * :${nick}\r\nJOIN #lobby`);
      await client.barrier();
      client.take();
      return client;
    },
    async stop(reason) {
      await running.stop(reason);
      link.close();
      await inTime("the end of the relay", Promise.all([hubEnded, frontEnded]));
      for (const client of clients) client.close();
    },
  };
}
