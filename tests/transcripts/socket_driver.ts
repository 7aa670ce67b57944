/** Transcripts against a whole server, over real sockets; PING and PONG are the barrier. */
import type { HubConfig } from "../../lib/hub/config.ts";
import { runServer } from "../support/chat_server.ts";
import { SocketClient } from "../support/socket_client.ts";
import type { Driver } from "./transcript.ts";

export async function socketDriver(transport: "tcp" | "unix", config: Partial<HubConfig>): Promise<Driver> {
  const running = await runServer({ transport, config });
  const clients = new Map<string, SocketClient>();
  return {
    async connect(name) {
      clients.set(name, await SocketClient.connect(running.address));
    },
    send: (name, line) => clients.get(name)!.send(line),
    async settle(sender) {
      await clients.get(sender)!.barrier();
      for (const client of clients.values()) await client.barrier();
    },
    take: (name) => clients.get(name)!.take(),
    async close() {
      for (const client of clients.values()) client.close();
      await running.stop();
    },
  };
}
