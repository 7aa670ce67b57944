import { assertEquals } from "@std/assert";
import {
  type Address,
  formatAddress,
  isLoopback,
  mergeWildcards,
  parseAddress,
  parseServerUrl,
  parseTlsAddress,
  parseWebAddress,
} from "../../lib/net/address.ts";
import { pureTest } from "../support/test.ts";

const tcp = (host: string, port: number): Address => ({ kind: "tcp", host, port });
const tls = (host: string, port: number): Address => ({ kind: "tls", host, port });

pureTest("addresses as people write them", () => {
  const cases: [string, Address][] = [
    ["127.0.0.1:6667", tcp("127.0.0.1", 6667)],
    ["example.org:7000", tcp("example.org", 7000)],
    ["example.org", tcp("example.org", 6667)],
    [":7000", tcp("127.0.0.1", 7000)],
    ["7000", tcp("127.0.0.1", 7000)],
    ["*:7000", tcp("*", 7000)],
    ["[::1]:7000", tcp("::1", 7000)],
    ["[::]", tcp("::", 6667)],
    ["[fe80::1%eth0]:7000", tcp("fe80::1%eth0", 7000)],
    ["0.0.0.0:0", tcp("0.0.0.0", 0)],
    ["unix:/run/chat.sock", { kind: "unix", path: "/run/chat.sock" }],
    ["unix:chat.sock", { kind: "unix", path: "chat.sock" }],
    ["unix:///run/chat.sock", { kind: "unix", path: "/run/chat.sock" }],
  ];
  for (const [text, address] of cases) assertEquals(parseAddress(text), address, text);
});

pureTest("what is no address says why", () => {
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
  for (const url of ["me@host", "me@host:6667", "irc://me@host", "ircs://me@[::1]:6697"]) {
    const parsed = parseServerUrl(url);
    const where = url.slice(url.indexOf("@") + 1);
    assertEquals(
      parsed.kind === "bad" && parsed.why,
      `name and server are separate arguments: me --server ${where}`,
    );
  }
  assertEquals(parseServerUrl("unix:/tmp/a@b"), { kind: "unix", path: "/tmp/a@b" });
  for (const url of ["http://host", "irc://", "irc://host:x", "ircs://", "ircs://host:65536"]) {
    assertEquals(parseServerUrl(url).kind, "bad", url);
  }
});

pureTest("URLs of servers", () => {
  assertEquals(parseServerUrl("irc://example.org"), tcp("example.org", 6667));
  assertEquals(parseServerUrl("IRC://example.org:7000/"), tcp("example.org", 7000));
  assertEquals(parseServerUrl("irc://[::1]:7000"), tcp("::1", 7000));
  assertEquals(parseServerUrl("unix:///run/chat.sock"), { kind: "unix", path: "/run/chat.sock" });
  assertEquals(parseServerUrl("example.org:7000"), tcp("example.org", 7000));
  assertEquals(parseServerUrl("ircs://example.org"), tls("example.org", 6697));
  assertEquals(parseServerUrl("IRCS://[::1]:7000/"), tls("::1", 7000));
  assertEquals(parseTlsAddress("0.0.0.0"), tls("0.0.0.0", 6697));
  assertEquals(parseTlsAddress(":7000"), tls("127.0.0.1", 7000));
});

pureTest("an address that was formatted is the same address when parsed", () => {
  const addresses = [tcp("::1", 1), tcp("a.b", 2), tls("a.b", 3), tls("::1", 6697)];
  for (const address of [...addresses, { kind: "unix", path: "/x y" } as const]) {
    assertEquals(parseServerUrl(formatAddress(address)), address);
  }
});

pureTest("what is said to this machine stays on it", () => {
  for (const host of ["localhost", "LOCALHOST", "127.0.0.1", "127.1.2.3", "::1"]) {
    assertEquals(isLoopback(host), true, host);
  }
  for (const host of ["0.0.0.0", "::", "127.example", "10.0.0.1", "localhost.example", "1127.0.0.1"]) {
    assertEquals(isLoopback(host), false, host);
  }
});

pureTest(
  "a bare port, IPv6 without brackets, and a user's name are each taken or told how to be written",
  () => {
    for (
      const [parse, port] of [[parseAddress, 6667], [parseTlsAddress, 6697], [parseWebAddress, 6680]] as const
    ) {
      const address = parse("7000");
      assertEquals(address.kind !== "bad" && address.kind !== "unix" && [address.host, address.port], [
        "127.0.0.1",
        7000,
      ]);
      const why = (text: string) => {
        const outcome = parse(text);
        return outcome.kind === "bad" ? outcome.why : outcome;
      };
      assertEquals(why("70000"), "port 70000 is above 65535");
      assertEquals(
        why("::1:7000"),
        '"::1:7000" is not HOST:PORT: write an IPv6 address in brackets, [::1]:7000',
      );
      assertEquals(
        why(":::7000"),
        '":::7000" is not HOST:PORT: write an IPv6 address in brackets, [::]:7000',
      );
      assertEquals(
        why("fe80::a"),
        `"fe80::a" is not HOST:PORT: write an IPv6 address in brackets, [fe80::a]:${port}`,
      );
      assertEquals(
        why("fe80::1%eth0:7000"),
        '"fe80::1%eth0:7000" is not HOST:PORT: write an IPv6 address in brackets, [fe80::1%eth0]:7000',
      );
      assertEquals(
        why("me@host:7000"),
        '"me@host:7000" is not HOST:PORT: leave out the part before the @',
      );
      assertEquals(why("host:1:2"), '"host:1:2" is not HOST:PORT');
    }
  },
);

pureTest("IPv4's and IPv6's every address with one port are one address", () => {
  const joined = (...addresses: Address[]) => mergeWildcards(addresses).map(formatAddress);
  assertEquals(joined(tcp("0.0.0.0", 7000), tcp("::", 7000)), ["*:7000"]);
  assertEquals(joined(tcp("::", 7000), tls("0.0.0.0", 7000)), ["[::]:7000", "ircs://0.0.0.0:7000"]);
  assertEquals(joined(tls("::", 1), tls("0.0.0.0", 1), tcp("h", 1)), ["ircs://*:1", "h:1"]);
  assertEquals(joined(tcp("::", 0), tcp("0.0.0.0", 0)), ["[::]:0", "0.0.0.0:0"]);
  assertEquals(joined({ kind: "unix", path: "/s" }, tcp("::", 7000)), ["unix:/s", "[::]:7000"]);
});
