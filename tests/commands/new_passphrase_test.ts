import { assertEquals } from "@std/assert";
import type { Address } from "../../lib/net/address.ts";
import { readNewPassphrase } from "../../commands/register/new_passphrase.ts";
import { ServerList } from "../../lib/client/session/server_list.ts";
import { FakeIo } from "../cli/fake_io.ts";
import { pureTest } from "../support/test.ts";

const WARNING = "chatterbox: the passphrase is sent unencrypted; an ircs:// URL encrypts it\n";

/** What is said on standard error of a new passphrase for a name on the server at `address`, which has `others`. */
async function said(address: Address, ...others: Address[]): Promise<string> {
  const io = new FakeIo({ stdin: "open sesame\n" });
  const owner = { name: "alice", address, registration: { servers: new ServerList([address, ...others]) } };
  const given = await readNewPassphrase("-", owner, io, undefined);
  assertEquals(given, { kind: "ok", secret: "open sesame" });
  await io.flush();
  return io.err;
}

pureTest(
  "new passphrase: where others can listen, that is said; over TLS and on this machine it is not",
  async () => {
    assertEquals(await said({ kind: "tcp", host: "chat.example", port: 6667 }), WARNING);
    assertEquals(await said({ kind: "tls", host: "chat.example", port: 6697 }), "");
    assertEquals(await said({ kind: "tcp", host: "127.0.0.1", port: 6667 }), "");
    assertEquals(await said({ kind: "unix", path: "/run/chat.sock" }), "");
    const local = { kind: "unix", path: "/run/chat.sock" } as const;
    assertEquals(await said(local, { kind: "tcp", host: "chat.example", port: 6667 }), WARNING);
  },
);
