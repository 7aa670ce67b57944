/** Transcripts against a whole server, over real connections of every kind; PING and PONG are the barrier. */
import type { HubConfig } from "../../lib/hub/model/config.ts";
import { runConsoleLine } from "../../lib/server/console/command_table.ts";
import { connectTls, makeTlsWrapper } from "../../lib/net/tls/tls_conn.ts";
import { HttpUpgrader } from "../../lib/net/web/http_upgrade.ts";
import { selfSigned } from "../support/certificates.ts";
import { runServer } from "../support/chat_server.ts";
import type { RunOptions } from "../support/chat_server.ts";
import { SocketClient } from "../support/socket_client.ts";
import { WebClient } from "../support/web_client.ts";
import type { Driver } from "./transcript.ts";

export type Transport = "tcp" | "unix" | "tls" | "websocket";

const identity = await selfSigned();
const secure = makeTlsWrapper(identity);
const OPTIONS: Readonly<Record<Transport, () => RunOptions>> = {
  tcp: () => ({}),
  unix: () => ({ transport: "unix" }),
  tls: () => ({ secure }),
  websocket: () => ({ web: new HttpUpgrader({ origins: new Set(), names: new Set() }) }),
};

export async function socketDriver(transport: Transport, config: Partial<HubConfig>): Promise<Driver> {
  const running = await runServer({ ...OPTIONS[transport](), config });
  const { address } = running;
  const clients = new Map<string, SocketClient>();
  const connect = async () => {
    if (address.kind === "unix" || transport === "tcp") return await SocketClient.connect(address);
    if (transport === "websocket") { // every other client by the other subprotocol
      return SocketClient.over(
        await WebClient.connect(address.port, clients.size % 2 === 0 ? "text" : "binary"),
      );
    }
    const conn = await Deno.connect({ hostname: "127.0.0.1", port: address.port });
    conn.setNoDelay(true);
    const outcome = await connectTls(conn, "localhost", identity.cert);
    if (outcome.kind === "failed") throw new Error(outcome.why);
    return SocketClient.over(outcome.conn);
  };
  return {
    connect: async (name) => void clients.set(name, await connect()),
    send: (name, line) => clients.get(name)!.send(line),
    async settle(sender) {
      await clients.get(sender)!.barrier();
      for (const client of clients.values()) await client.barrier();
    },
    console: (line) => running.server.turnQueue.run((hub, now) => void runConsoleLine(hub, line, now)),
    take: (name) => clients.get(name)!.take(),
    async close() {
      for (const client of clients.values()) client.close();
      await running.stop();
    },
  };
}
