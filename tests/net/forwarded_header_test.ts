import { assertEquals, assertMatch } from "@std/assert";
import { AddressSet } from "../../lib/base/ip.ts";
import { findForwardedHeader, resolveForwardedClient } from "../../lib/net/proxy/forwarded_header.ts";
import type { ForwardedOutcome } from "../../lib/net/proxy/forwarded_header.ts";
import { pureTest } from "../support/test.ts";

const proxies = new AddressSet(["127.0.0.1", "10.0.0.0/8", "fd00::/8"]);

function read(headers: Record<string, string>): ForwardedOutcome {
  return resolveForwardedClient(new Map(Object.entries(headers)), (host) => proxies.has(host));
}

function host(headers: Record<string, string>): string {
  const outcome = read(headers);
  return outcome.kind === "ok" ? outcome.host : outcome.kind === "bad" ? outcome.why : "none";
}

pureTest("forwarded: the rightmost hop that is no trusted proxy counts", () => {
  for (
    const [value, client] of [
      ["192.0.2.1", "192.0.2.1"],
      ["192.0.2.1, 10.0.0.1, 10.0.0.2", "192.0.2.1"],
      ["203.0.113.66, 192.0.2.1, 10.0.0.2", "192.0.2.1"],
      ["unknown, 192.0.2.1,10.0.0.2", "192.0.2.1"],
      ["10.0.0.3, 10.0.0.2", "10.0.0.3"],
      [" 2001:DB8::1 , fd00::2", "2001:db8::1"],
      ["192.0.2.1:4711", "192.0.2.1"],
      ["[2001:db8::1]:4711", "2001:db8::1"],
      ["::ffff:192.0.2.1", "192.0.2.1"],
    ]
  ) assertEquals(host({ "x-forwarded-for": value! }), client);
});

pureTest("forwarded: Forwarded: pairs in any order and case, quoted or not", () => {
  for (
    const [value, client] of [
      ["for=192.0.2.1", "192.0.2.1"],
      ["proto=https;For=192.0.2.1;by=10.0.0.1", "192.0.2.1"],
      ['for="[2001:db8::1]:4711"', "2001:db8::1"],
      ['for="_a,b;c", for=192.0.2.1 ; proto=http , for=10.0.0.1', "192.0.2.1"],
      ['for="192.0.2.\\1:_port"', "192.0.2.1"],
      ["for=203.0.113.66, for=192.0.2.1, for=10.0.0.1", "192.0.2.1"],
    ]
  ) assertEquals(host({ forwarded: value! }), client);
});

pureTest("forwarded: what names no address is no client", () => {
  for (const value of ["", "unknown", "192.0.2.1, unknown", "192.0.2.1, ", "evil\x1b[31m", "1.2.3.4.5"]) {
    assertMatch(host({ "x-forwarded-for": value }), /header without the client's address$/);
  }
  for (const value of ["for=unknown", "for=_hidden", "proto=https", "", "for=192.0.2.1, for=unknown"]) {
    assertMatch(host({ forwarded: value }), /header without the client's address$/);
  }
  for (const value of ['for="192.0.2.1', "for 192.0.2.1", "=192.0.2.1", "for=192.0.2.1 x"]) {
    assertMatch(host({ forwarded: value }), /^a malformed Forwarded header$/);
  }
});

pureTest("forwarded: both headers have to agree", () => {
  assertEquals(host({ forwarded: "for=192.0.2.1", "x-forwarded-for": "192.0.2.1" }), "192.0.2.1");
  assertMatch(host({ forwarded: "for=192.0.2.9", "x-forwarded-for": "192.0.2.1" }), /different clients/);
  assertMatch(
    host({ forwarded: "for=unknown", "x-forwarded-for": "192.0.2.1" }),
    /without the client's address/,
  );
});

pureTest("forwarded: whether the client's connection is TLS", () => {
  const secure = (headers: Record<string, string>) => {
    const outcome = read(headers);
    return outcome.kind === "ok" ? outcome.secure : outcome;
  };
  const listed = { "x-forwarded-for": "192.0.2.1" };
  assertEquals(secure(listed), undefined);
  assertEquals(secure({ ...listed, "x-forwarded-proto": "https" }), true);
  assertEquals(
    secure({ ...listed, "x-forwarded-proto": "https, http" }),
    false,
    "what came last is the proxy's",
  );
  assertEquals(secure({ ...listed, "x-forwarded-proto": "wss" }), true);
  assertEquals(secure({ ...listed, "x-forwarded-proto": "gopher" }), undefined);
  assertEquals(secure({ forwarded: "for=192.0.2.1;proto=HTTPS, for=10.0.0.1;proto=http" }), true);
  assertEquals(secure({ forwarded: "for=192.0.2.1", "x-forwarded-proto": "https" }), undefined);
});

pureTest("forwarded: which header there is", () => {
  assertEquals(findForwardedHeader(new Map()), undefined);
  assertEquals(findForwardedHeader(new Map([["x-forwarded-for", ""]])), "X-Forwarded-For");
  assertEquals(findForwardedHeader(new Map([["forwarded", "for=_x"]])), "Forwarded");
  assertEquals(read({}), { kind: "none" });
});
