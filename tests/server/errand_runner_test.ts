import { assertEquals } from "@std/assert";
import { assert } from "../../lib/base/assert.ts";
import { runServer } from "../support/chat_server.ts";
import { SocketClient } from "../support/socket_client.ts";

Deno.test("errands: twenty who register at the same moment all get their names, and nobody else waits for them", async () => {
  const running = await runServer({});
  const clients = await Promise.all(
    Array.from({ length: 20 }, async (_, n) => {
      const client = await SocketClient.connect(running.address);
      for (const line of [`NICK user${n}`, `USER u 0 * :u`, `REGISTER * * ${"k".repeat(42)}${n % 10}`]) {
        await client.send(line);
      }
      return client;
    }),
  );
  const other = await SocketClient.connect(running.address);
  await other.barrier();
  for (const [n, client] of clients.entries()) {
    await client.barrier();
    const lines = client.take();
    assert(lines.some((line) => line.includes(`REGISTER SUCCESS user${n} `)), lines.join("\n"));
    client.close();
  }
  other.close();
  assertEquals(running.server.hub.accounts.size, 20);
  await running.stop();
});
