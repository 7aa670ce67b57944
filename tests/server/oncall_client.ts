/** Clients of on-call over sockets. */
import { assert } from "@std/assert";
import { SocketClient } from "../support/socket_client.ts";

const CAPS = "sasl draft/account-registration chatterbox.chat/oncall";

/** A client of the account `name` at a server on this machine; the account is registered if it is new. */
export async function enterAccount(port: number, name: string, isNew = false): Promise<SocketClient> {
  const client = await SocketClient.connect({ kind: "tcp", host: "127.0.0.1", port });
  const key = name.padEnd(43, "k");
  const plain = new TextEncoder().encode(`\0${name}\0${key}`).toBase64();
  const login = isNew ? [] : ["AUTHENTICATE PLAIN", `AUTHENTICATE ${plain}`];
  for (const line of [`CAP REQ :${CAPS}`, `NICK ${name}`, `USER ${name} 0 * :x`, ...login, "CAP END"]) {
    await client.send(line);
  }
  if (isNew) await client.send(`REGISTER * * ${key}`);
  await client.barrier();
  client.take();
  return client;
}

/** The line of the server that `pattern` matches, the first after it is told `line`. */
export async function ask(client: SocketClient, line: string, pattern: RegExp): Promise<string> {
  await client.send(line);
  return await hear(client, pattern);
}

/** The next line that `pattern` matches; those before it are dropped. */
export async function hear(client: SocketClient, pattern: RegExp): Promise<string> {
  assert(await client.until((each) => pattern.test(each), String(pattern)), "the connection ended");
  return client.take().find((each) => pattern.test(each))!;
}
