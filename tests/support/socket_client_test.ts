import { assertEquals } from "@std/assert";
import { SocketClient } from "./socket_client.ts";

Deno.test("socket client: behind the end of its connection no wait is in vain", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const client = await SocketClient.connect({ kind: "tcp", host: "127.0.0.1", port: listener.addr.port });
  const conn = await listener.accept();
  await conn.write(new TextEncoder().encode("ERROR :over\r\n"));
  conn.close();
  await client.ended();
  assertEquals(client.take(), ["ERROR :over", "(closed)"]);
  assertEquals(await client.until((line) => line.startsWith("ERROR")), false);
  await client.barrier();
  await client.ended();
});
