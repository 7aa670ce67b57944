import { assertEquals } from "@std/assert";
import { encodeUtf8 } from "../../lib/base/bytes.ts";
import { formatHttpResponse, HeadReader, MAX_HEAD_BYTES, parseHead } from "../../lib/net/web/http_request.ts";
import type { HeadOutcome } from "../../lib/net/web/http_request.ts";
import { forAll } from "../irc/property.ts";
import { pureTest } from "../support/test.ts";

function status(text: string): number | "unfinished" | "ok" {
  const head = parseHead(encodeUtf8(text));
  return head.kind === "bad" ? head.answer.status : head.kind;
}

pureTest("a head is read once it is whole, and no further", () => {
  const text = "GET /a?b HTTP/1.1\r\nHost: x\r\nAccept: a\r\naccept: b \r\nX-Empty:\r\n\r\nmore";
  for (let length = 0; length < text.length - "more".length; length++) {
    assertEquals(status(text.slice(0, length)), "unfinished", text.slice(0, length));
  }
  const head = parseHead(encodeUtf8(text));
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

pureTest("what is no HTTP is told so at once, not when it ends", () => {
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

pureTest("headers that two readers could read differently are refused", () => {
  for (const line of ["no colon", " folded: x", "na me: x", "name : x", "Host: b", ": x"]) {
    assertEquals(status(`GET / HTTP/1.1\r\nHost: a\r\n${line}\r\n\r\n`), 400, line);
  }
});

pureTest("a head without end is given up", () => {
  const endless = `GET / HTTP/1.1\r\nX: ${"x".repeat(MAX_HEAD_BYTES)}`;
  assertEquals(status(endless.slice(0, MAX_HEAD_BYTES - 1)), "unfinished");
  assertEquals(status(endless.slice(0, MAX_HEAD_BYTES)), 431);
  assertEquals(status(`GET /${"x".repeat(MAX_HEAD_BYTES)}`.slice(0, MAX_HEAD_BYTES)), 414);
});

/** What comes of `bytes` in pieces of `sizes`, until it is decided; and what came behind the head. */
function inPieces(bytes: Uint8Array, size: () => number): [HeadOutcome, Uint8Array] {
  const reader = new HeadReader();
  let head: HeadOutcome = { kind: "unfinished" };
  for (let at = 0; head.kind === "unfinished" && at < bytes.length;) {
    const piece = bytes.subarray(at, at + Math.min(size(), reader.space));
    head = reader.push(piece);
    at += piece.length;
  }
  return [head, reader.rest(head.kind === "ok" ? head.length : 0)];
}

pureTest("however a head is cut, it is the same", () =>
  forAll(300, (random) => {
    const lines = ["GET / HTTP/1.1", "Host: x", "X: y", "bad", "", "more", "\r", "GET /\n", "x".repeat(9000)];
    const said = Array.from({ length: random.below(8) }, () =>
      random.pick(lines) + random.pick(["\r\n", "\n"]));
    const bytes = encodeUtf8(`GET / HTTP/1.1\r\n${said.join("")}`.slice(random.below(3)));
    const [whole] = inPieces(bytes, () =>
      bytes.length);
    const [head, rest] = inPieces(bytes, () => 1 + random.below(random.pick([1, 5, 500])));
    assertEquals(head, whole);
    if (head.kind === "ok") assertEquals(bytes.subarray(head.length, head.length + rest.length), rest);
  }));

pureTest("what is no HTTP is told so at once, however it is cut", () => {
  for (
    const text of [
      "\x16",
      "NICK alice\r\n",
      "A".repeat(22),
      "GET / HTTP/2.0\r\n",
      `GET /${"x".repeat(99)} FTP\n`,
    ]
  ) {
    const [head] = inPieces(encodeUtf8(text), () => 1);
    assertEquals(head.kind === "bad" && head.answer.status, 400, text);
  }
});

pureTest("a head that comes byte by byte is not read anew with each", () => {
  let read = 0;
  const { decode } = TextDecoder.prototype;
  TextDecoder.prototype.decode = function (bytes) {
    read += bytes?.byteLength ?? 0;
    return decode.call(this, bytes);
  };
  try {
    for (const filler of ["x", "\r", "X: y\n", "\r\n "]) {
      read = 0;
      const bytes = encodeUtf8(`GET / HTTP/1.1\r\nX: ${filler.repeat(MAX_HEAD_BYTES)}`);
      const [head] = inPieces(bytes, () => 1);
      assertEquals(head.kind === "bad" && head.answer.status, 431);
      assertEquals(read < 2 * MAX_HEAD_BYTES, true, `${read} bytes were read`);
    }
  } finally {
    TextDecoder.prototype.decode = decode;
  }
});

pureTest("an answer has its words and their length", () => {
  const answer = { status: 404, text: "Not hereé", headers: { allow: "GET" } };
  const head = "HTTP/1.1 404 Not Found\r\ncontent-type: text/plain; charset=utf-8\r\ncontent-length: 11\r\n" +
    "x-content-type-options: nosniff\r\ncache-control: no-store\r\nallow: GET\r\nconnection: close\r\n\r\n";
  assertEquals(formatHttpResponse(answer), `${head}Not hereé\n`);
  assertEquals(formatHttpResponse(answer, "HEAD"), head);
});
