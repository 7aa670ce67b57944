/** The page that a server names to `chatterbox key share`: whether the code may go there. */
import { assertEquals, assertMatch } from "@std/assert";
import { command as key } from "../../commands/key.ts";
import { resolvePage } from "../../lib/client/accounts/key_share.ts";
import type { Address } from "../../lib/net/address.ts";
import { FakeServer } from "../client/fake_server.ts";
import { selfSigned } from "../support/certificates.ts";
import { pureTest } from "../support/test.ts";
import { serverWithParcels } from "./parcel_server.ts";
import { commandTest, run } from "./run_command.ts";

const KEY = "k".repeat(43);

commandTest(
  "key share: a page at any host is the one at which the server was reached",
  serverWithParcels("KEYSHARE PUT ID 2026-01-02T03:04:05.000Z https://*:8443", "KEYSHARE EXPIRED ID"),
  async (url) => {
    const { out } = await run(key, ["share", "alice", "--server", url], { env: { CHATTERBOX_KEY: KEY } });
    assertMatch(out, /^https:\/\/127\.0\.0\.1:8443\/#add=alice:[0-9A-Z]{16}$/m);
  },
);

for (
  const [host, page] of [
    ["another host", "https://evil.example"],
    ["a user before another host", "https://127.0.0.1@evil.example"],
    ["a backslash", "https://evil.example\\@127.0.0.1"],
    ["a query", "http://127.0.0.1?x="],
  ] as const
) {
  commandTest(
    `key share: without TLS the code is in no address of a page with ${host}`,
    serverWithParcels(`KEYSHARE PUT ID 2026-01-02T03:04:05.000Z ${page}`, "KEYSHARE EXPIRED ID"),
    async (url) => {
      const { out, err } = await run(key, ["share", "alice", "--server", url], {
        env: { CHATTERBOX_KEY: KEY },
      });
      assertMatch(out, /^[-0-9A-Z]{19}\n$/);
      assertMatch(err, /in a browser: open the server's page/);
    },
  );
}

Deno.test("key share: over TLS the page may be at another host, which is named", async () => {
  const replies = ["KEYSHARE PUT ID 2026-01-02T03:04:05.000Z https://chat.example", "KEYSHARE EXPIRED ID"];
  await using server = new FakeServer(serverWithParcels(...replies), await selfSigned());
  const to = ["--server", server.url.replace("irc:", "ircs:"), "--trust-first-use"];
  const { out, err } = await server.run(
    run(key, ["share", "alice", ...to], { env: { CHATTERBOX_KEY: KEY } }),
  );
  assertMatch(out, /^https:\/\/chat\.example\/#add=alice:/m);
  assertMatch(err, /the page is at another host, chat\.example, which gets the code/);
});

pureTest(
  "key share: what a server says of its page is taken where the code may go there, or not at all",
  () => {
    const tls = { kind: "tls", host: "chat.example", port: 6697 } as const;
    const plain = { ...tls, kind: "tcp" } as const;
    const here = { kind: "unix", path: "/run/chat" } as const;
    const host = (name: string) => ({ ...plain, host: name });
    const urlOf = (page: string, server: Address) => resolvePage(page, server)?.url;
    for (const server of [tls, plain]) {
      assertEquals(resolvePage("https://Chat.example:443", server), { url: "https://chat.example" });
      assertEquals(resolvePage("http://*:6680", server), { url: "http://chat.example:6680" });
      for (const page of ["http://127.0.0.1:6680", "http://[::1]:6680", "*", "", "javascript:alert(1)"]) {
        assertEquals(resolvePage(page, server), undefined, page);
      }
    }
    assertEquals(resolvePage("https://a.example", tls), { url: "https://a.example", otherHost: "a.example" });
    for (const page of ["https://a.example", "https://chat.example.evil", "http://xchat.example"]) {
      assertEquals(resolvePage(page, plain), undefined, page);
      assertEquals(resolvePage(page, here), undefined, page);
    }
    assertEquals(urlOf("http://*:6680", here), "http://127.0.0.1:6680");
    assertEquals(urlOf("http://localhost:6680", here), "http://localhost:6680");
    assertEquals(urlOf("http://[::1]:6680", host("127.0.0.1")), "http://[::1]:6680");
    assertEquals(urlOf("http://[2001:db8:0::1]", host("2001:DB8::1")), "http://[2001:db8::1]");
    const rests = ["/b", "#b", " b", "?b", "\\b", "\\@evil.example", "@evil.example", ":x", ":99999", "*"];
    for (const page of [...rests.map((rest) => `https://chat.example${rest}`), "https://", "https://u:p@*"]) {
      assertEquals([resolvePage(page, tls), resolvePage(page, plain)], [undefined, undefined], page);
    }
  },
);
