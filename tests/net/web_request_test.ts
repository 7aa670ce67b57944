import { assertEquals } from "@std/assert";
import { utf8 } from "../../lib/base/bytes.ts";
import { answerText, MAX_HEAD_BYTES, readHead } from "../../lib/net/web_request.ts";

const PURE = { permissions: "none" as const };

function status(text: string): number | "unfinished" | "ok" {
  const head = readHead(utf8(text));
  return head.kind === "bad" ? head.answer.status : head.kind;
}

Deno.test("a head is read once it is whole, and no further", PURE, () => {
  const text = "GET /a?b HTTP/1.1\r\nHost: x\r\nAccept: a\r\naccept: b \r\nX-Empty:\r\n\r\nmore";
  for (let length = 0; length < text.length - "more".length; length++) {
    assertEquals(status(text.slice(0, length)), "unfinished", text.slice(0, length));
  }
  const head = readHead(utf8(text));
  assertEquals(head, {
    kind: "ok",
    request: {
      method: "GET",
      target: "/a?b",
      minor: 1,
      headers: new Map([["host", "x"], ["accept", "a, b"], ["x-empty", ""]]),
    },
    length: text.length - "more".length,
  });
  assertEquals(status("GET / HTTP/1.0\n\n"), "ok");
});

Deno.test("what is no HTTP is told so at once, not when it ends", PURE, () => {
  for (
    const text of [
      "\x16\x03\x01",
      "CAP LS 302\r\n",
      "NICK alice\r\n",
      "get / HTTP/1.1\r\n",
      "\r\n",
      "GET\r\n",
    ]
  ) {
    assertEquals(status(text), 400, text);
  }
  assertEquals(status("GET / HTTP/2.0\r\n"), 400);
  assertEquals(status("A".repeat(30)), 400);
});

Deno.test("headers that two readers could read differently are refused", PURE, () => {
  for (const line of ["no colon", " folded: x", "na me: x", "name : x", "Host: b", ": x"]) {
    assertEquals(status(`GET / HTTP/1.1\r\nHost: a\r\n${line}\r\n\r\n`), 400, line);
  }
});

Deno.test("a head without end is given up", PURE, () => {
  const endless = `GET / HTTP/1.1\r\nX: ${"x".repeat(MAX_HEAD_BYTES)}`;
  assertEquals(status(endless.slice(0, MAX_HEAD_BYTES - 1)), "unfinished");
  assertEquals(status(endless.slice(0, MAX_HEAD_BYTES)), 431);
});

Deno.test("an answer has its words and their length", PURE, () => {
  const answer = { status: 404, text: "Not hereé", headers: { allow: "GET" } };
  const head = "HTTP/1.1 404 Not Found\r\ncontent-type: text/plain; charset=utf-8\r\ncontent-length: 11\r\n" +
    "x-content-type-options: nosniff\r\ncache-control: no-store\r\nallow: GET\r\nconnection: close\r\n\r\n";
  assertEquals(answerText(answer), `${head}Not hereé\n`);
  assertEquals(answerText(answer, "HEAD"), head);
});
