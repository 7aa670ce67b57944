/** Scopes of tokens: what is one, and what each permits. */
import { assertEquals } from "@std/assert";
import {
  formatTokenScopes,
  MAX_TOKEN_SCOPES,
  MAX_TOKEN_SCOPES_BYTES,
  parseTokenScope,
  parseTokenScopes,
  permits,
} from "../../lib/irc/token_scopes.ts";
import type { TokenAction } from "../../lib/irc/token_scopes.ts";
import { pureTest } from "../support/test.ts";

const ALL = ["send:#ops", "send:bob", "send:*", "read:#ops", "read:*", "people", "metrics"];

const ACTIONS: readonly TokenAction[] = [
  { kind: "send", target: "#ops" },
  { kind: "send", target: "#OPS" },
  { kind: "send", target: "#ops2" },
  { kind: "send", target: "bob" },
  { kind: "send", target: "NickServ" },
  { kind: "read", target: "#ops" },
  { kind: "read", target: "#tea" },
  { kind: "read", target: "bob" },
  { kind: "people" },
  { kind: "metrics" },
];

/** The actions that `text` permits, by their number. */
function allowed(text: string): number[] {
  const parsed = parseTokenScopes(text);
  if (parsed.kind !== "ok") throw new Error(`${text}: ${parsed.kind}`);
  return [...ACTIONS.keys()].filter((nth) => permits(parsed.scopes, ACTIONS[nth]!));
}

pureTest("token scopes: each permits what it names, and nothing else", () => {
  assertEquals(allowed("send:#ops"), [0, 1], "names are compared as the server compares them");
  assertEquals(allowed("send:bob"), [3]);
  assertEquals(allowed("send:*"), [0, 1, 2, 3, 4]);
  assertEquals(allowed("read:#ops"), [5]);
  assertEquals(allowed("read:*"), [5, 6, 7]);
  assertEquals(allowed("people"), [8]);
  assertEquals(allowed("metrics"), [9]);
  assertEquals(allowed("people,send:#ops,read:#tea"), [0, 1, 6, 8]);
  assertEquals(permits([], { kind: "people" }), false);
});

pureTest("token scopes: what is written is read back, and doubles are one", () => {
  const parsed = parseTokenScopes(ALL.join(","));
  assertEquals(parsed.kind === "ok" && formatTokenScopes(parsed.scopes), ALL.join(","));
  const twice = parseTokenScopes("send:#ops,send:#OPS,send:#ops");
  assertEquals(twice.kind === "ok" && twice.scopes.length, 1);
});

pureTest("token scopes: anything else is none", () => {
  for (
    const text of [
      "",
      "send",
      "send:",
      "send:#",
      "send:9bob",
      "send:#a b",
      "send:**",
      "read:bob",
      "read:",
      "People",
      "people:*",
      "write:#ops",
      "send:#ops ",
      "*",
    ]
  ) {
    assertEquals(parseTokenScope(text), undefined, text);
  }
  assertEquals(parseTokenScopes("people,,metrics"), { kind: "invalid", scope: "" });
  assertEquals(parseTokenScopes("people,send:9"), { kind: "invalid", scope: "send:9" });
});

pureTest("token scopes: so many, and so many bytes", () => {
  const scopes = (count: number) => Array.from({ length: count }, (_, nth) => `send:a${nth}`).join(",");
  assertEquals(parseTokenScopes(scopes(MAX_TOKEN_SCOPES)).kind, "ok");
  assertEquals(parseTokenScopes(scopes(MAX_TOKEN_SCOPES + 1)).kind, "too_many");
  const long = (bytes: number) =>
    Array.from({ length: 4 }, (_, nth) => `send:#${nth}`.padEnd(49, "x")).join(",").padEnd(bytes, "x");
  assertEquals(parseTokenScopes(long(MAX_TOKEN_SCOPES_BYTES)).kind, "ok");
  assertEquals(parseTokenScopes(long(MAX_TOKEN_SCOPES_BYTES + 1)).kind, "too_many");
});
