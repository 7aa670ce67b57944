import { assertEquals, assertMatch } from "@std/assert";
import { assert } from "../../lib/base/assert.ts";
import { encodeUtf8 } from "../../lib/base/bytes.ts";
import { parseHead } from "../../lib/net/web/http_request.ts";
import { checkHandshake, formatHandshakeResponse } from "../../lib/net/web/websocket_handshake.ts";
import { pureTest } from "../support/test.ts";
import { handshake } from "../support/web_client.ts";

/** The status that `text` is answered by; `101` with the form that was agreed on. */
function verdict(text: string, origins: string[] = [], names: string[] = []): string {
  const head = parseHead(encodeUtf8(text));
  assert(head.kind === "ok", text);
  const found = checkHandshake(head.request, { origins: new Set(origins), names: new Set(names) });
  return found.kind === "answer"
    ? `${found.answer.status} ${found.answer.text}`
    : `101 ${found.form} ${found.protocol}`;
}

pureTest("what is no handshake is answered in words", () => {
  assertMatch(verdict("GET / HTTP/1.1\r\nHost: a\r\n\r\n"), /^426 /);
  assertMatch(verdict("GET /?a=b HTTP/1.1\r\nHost: a\r\n\r\n"), /^426 /);
  assertMatch(verdict("GET /x HTTP/1.1\r\nHost: a\r\n\r\n"), /^404 /);
  assertMatch(verdict("HEAD /x HTTP/1.1\r\nHost: a\r\n\r\n"), /^404 /);
  assertMatch(verdict("POST / HTTP/1.1\r\nHost: a\r\n\r\n"), /^405 /);
  assertMatch(verdict("GET / HTTP/1.1\r\n\r\n"), /^400 .*Host/);
  assertMatch(verdict(handshake({ "Sec-WebSocket-Version": "8" })), /^426 .*version 13/);
  for (const part of ["Connection", "Sec-WebSocket-Key"]) {
    assertMatch(verdict(handshake({ [part]: undefined })), /^400 .*RFC 6455/);
  }
  assertMatch(verdict(handshake({ "Sec-WebSocket-Key": "short" })), /^400 /);
});

pureTest("the first subprotocol of the client's that we have is taken; without one it is text", () => {
  const agreed = (protocols?: string) => verdict(handshake({ "Sec-WebSocket-Protocol": protocols }));
  assertEquals(agreed("binary.ircv3.net, text.ircv3.net"), "101 binary binary.ircv3.net");
  assertEquals(agreed("irc,text.ircv3.net,binary.ircv3.net"), "101 text text.ircv3.net");
  assertEquals(agreed("irc"), "101 text undefined");
  assertEquals(agreed(), "101 text undefined");
  assertEquals(
    verdict(handshake({ Upgrade: "h2c, WebSocket", Connection: "keep-alive, Upgrade" }, "/x")).slice(0, 3),
    "101",
  );
});

pureTest("pages of this server may connect, and those that are on the list; no others", () => {
  const from = (origin: string, host: string, origins: string[] = [], names: string[] = []) =>
    verdict(handshake({ Origin: origin, Host: host }), origins, names).slice(0, 3);
  assertEquals(from("http://127.0.0.1:8080", "127.0.0.1:8080"), "101");
  assertEquals(from("http://[::1]:8080", "[::1]:8080"), "101");
  assertEquals(from("https://192.0.2.1", "192.0.2.1"), "101");
  assertEquals(from("http://localhost", "localhost:80"), "101");
  assertEquals(from("http://127.0.0.1:8080", "127.0.0.1:8081"), "403");
  assertEquals(from("http://evil.example", "127.0.0.1:8080"), "403");
  assertEquals(from("null", "127.0.0.1:8080"), "403");
  assertEquals(from("http://127.0.0.1:8080", "evil@127.0.0.1:8080/x"), "403");
  // A domain of somebody else's that leads to this machine is of the same origin as itself.
  assertEquals(from("http://evil.example:8080", "evil.example:8080"), "403");
  assertEquals(from("https://Chat.Example", "chat.example", [], ["chat.example"]), "101");
  assertEquals(from("https://web.example", "chat.example", ["https://web.example"]), "101");
  assertEquals(from("https://web.example:444", "chat.example", ["https://web.example"]), "403");
  assertEquals(from("https://anything.example", "chat.example", ["*"]), "101");
});

pureTest("the handshake is answered as in RFC 6455, section 1.3", async () => {
  assertEquals(
    await formatHandshakeResponse("dGhlIHNhbXBsZSBub25jZQ==", "text.ircv3.net"),
    "HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: Upgrade\r\n" +
      "sec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\nsec-websocket-protocol: text.ircv3.net\r\n\r\n",
  );
});
