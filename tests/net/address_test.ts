import { assertEquals } from "@std/assert";
import { type Address, formatAddress, parseAddress, parseServerUrl } from "../../lib/net/address.ts";

const tcp = (host: string, port: number): Address => ({ kind: "tcp", host, port });

Deno.test({
  name: "addresses as people write them",
  permissions: "none",
  fn: () => {
    const cases: [string, Address][] = [
      ["127.0.0.1:6667", tcp("127.0.0.1", 6667)],
      ["example.org:7000", tcp("example.org", 7000)],
      ["example.org", tcp("example.org", 6667)],
      [":7000", tcp("127.0.0.1", 7000)],
      ["[::1]:7000", tcp("::1", 7000)],
      ["[::]", tcp("::", 6667)],
      ["[fe80::1%eth0]:7000", tcp("fe80::1%eth0", 7000)],
      ["0.0.0.0:0", tcp("0.0.0.0", 0)],
      ["unix:/run/chat.sock", { kind: "unix", path: "/run/chat.sock" }],
      ["unix:chat.sock", { kind: "unix", path: "chat.sock" }],
      ["unix:///run/chat.sock", { kind: "unix", path: "/run/chat.sock" }],
    ];
    for (const [text, address] of cases) assertEquals(parseAddress(text), address, text);
  },
});

Deno.test({
  name: "what is no address says why",
  permissions: "none",
  fn: () => {
    for (
      const text of [
        "",
        "host:",
        "host:x",
        "::1",
        "[::1",
        "host:65536",
        "a b:1",
        "host:1:2",
        "unix:",
        "host:-1",
      ]
    ) {
      assertEquals(parseAddress(text).kind, "bad", text);
    }
    for (const url of ["http://host", "ircs://host", "irc://", "irc://host:x"]) {
      assertEquals(parseServerUrl(url).kind, "bad", url);
    }
  },
});

Deno.test({
  name: "URLs of servers",
  permissions: "none",
  fn: () => {
    assertEquals(parseServerUrl("irc://example.org"), tcp("example.org", 6667));
    assertEquals(parseServerUrl("IRC://example.org:7000/"), tcp("example.org", 7000));
    assertEquals(parseServerUrl("irc://[::1]:7000"), tcp("::1", 7000));
    assertEquals(parseServerUrl("unix:///run/chat.sock"), { kind: "unix", path: "/run/chat.sock" });
    assertEquals(parseServerUrl("example.org:7000"), tcp("example.org", 7000));
  },
});

Deno.test({
  name: "an address that was formatted is the same address when parsed",
  permissions: "none",
  fn: () => {
    for (const address of [tcp("::1", 1), tcp("a.b", 2), { kind: "unix", path: "/x y" } as const]) {
      assertEquals(parseAddress(formatAddress(address)), address);
    }
  },
});
