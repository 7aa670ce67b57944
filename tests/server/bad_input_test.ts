/**
 * Whatever comes in over a socket, it gets the answer that the specification names, and nobody else notices: in every
 * scene alice and bob talk in `#lobby` before, during and after, and the log holds only what is valid.
 */
import { assertEquals } from "@std/assert";
import { assert } from "../../lib/base/assert.ts";
import { concatBytes, encodeUtf8 } from "../../lib/base/bytes.ts";
import { decodeEvent } from "../../lib/hub/log/event_codec.ts";
import { renderBody } from "../../lib/hub/output/render.ts";
import type { Ring } from "../../lib/log/ring.ts";
import { type RunningServer, type RunOptions, runServer } from "../support/chat_server.ts";
import { START } from "../support/hub.ts";
import { SocketClient } from "../support/socket_client.ts";

interface Scene extends RunningServer {
  bob: SocketClient;
  /** A connection that has said nothing yet. */
  stranger(): Promise<SocketClient>;
  /** Registered as `nick`, the welcome dropped. */
  guest(nick: string): Promise<SocketClient>;
  /** A connection that nobody reads. */
  raw(): Promise<Deno.TcpConn>;
  /** Alice says something, and it is all that bob has got since the last time, but for `also`. */
  undisturbed(also?: string[]): Promise<void>;
}

function scene(name: string, play: (scene: Scene) => Promise<void>, options: RunOptions = {}): void {
  Deno.test(name, async () => {
    const running = await runServer(options);
    const { address } = running;
    const clients: { close(): void }[] = [];
    const stranger = async () => {
      const client = await SocketClient.connect(address);
      clients.push(client);
      return client;
    };
    const guest = async (nick: string) => {
      const client = await stranger();
      await client.send(`NICK ${nick}\r\nUSER ${nick} 0 * :${nick}`);
      await client.barrier();
      client.take();
      return client;
    };
    const [alice, bob] = [await guest("alice"), await guest("bob")];
    for (const client of [alice, bob]) await client.send("JOIN #lobby");
    await Promise.all([alice.barrier(), bob.barrier()]);
    await alice.barrier();
    alice.take();
    bob.take();
    let said = 0;
    const undisturbed = async (also: string[] = []) => {
      await alice.send(`PRIVMSG #lobby :${++said}`);
      await alice.barrier();
      await bob.barrier();
      assertEquals(bob.take(), [...also, `:alice!~alice@127.0.0.1 PRIVMSG #lobby :${said}`]);
      const prefixes = new Set(alice.take().map((line) => line.split(" ")[1]));
      assert(
        [...prefixes].every((verb) => ["JOIN", "QUIT", "PRIVMSG"].includes(verb!)),
        [...prefixes].join(),
      );
    };
    const raw = async () => {
      assert(address.kind === "tcp", "a TCP server");
      const conn = await Deno.connect({ hostname: address.host, port: address.port });
      clients.push({ close: () => closeQuietly(conn) });
      return conn;
    };
    try {
      await play({ ...running, bob, stranger, guest, raw, undisturbed });
      await undisturbed();
    } finally {
      for (const client of [...clients]) client.close();
      await running.stop();
    }
    checkLog(running.ring);
  });
}

function closeQuietly(conn: Deno.Conn): void {
  try {
    conn.close();
  } catch {
    // closed by the scene
  }
}

function checkLog(ring: Ring): void {
  for (let seq = ring.oldestSeq; seq < ring.nextSeq; seq++) {
    const record = ring.read(seq);
    const event = record.kind === "ok" ? decodeEvent(record.payload) : undefined;
    assert(event !== undefined, `record ${seq} is no event`);
    assert(!/[\r\n\0\ufffd]/.test(renderBody(event)), `record ${seq}: ${JSON.stringify(renderBody(event))}`);
  }
}

/** Bytes of text and of numbers. */
function bytes(...parts: (string | number)[]): Uint8Array {
  return concatBytes(parts.map((part) => typeof part === "string" ? encodeUtf8(part) : Uint8Array.of(part)));
}

async function answers(client: SocketClient): Promise<string[]> {
  await client.barrier();
  return client.take();
}

scene(
  "an oversized line is answered by 417, and the next one is heard",
  async ({ guest, stranger, undisturbed }) => {
    const mallory = await guest("mallory");
    await mallory.send(`PRIVMSG #lobby :${"x".repeat(1000)}`);
    assertEquals(await answers(mallory), [":irc.test 417 mallory :Input line was too long"]);
    await mallory.send(`@+t=${"x".repeat(5000)} PRIVMSG #lobby :hello`);
    assertEquals(await answers(mallory), [":irc.test 417 mallory :Input line was too long"]);
    const nobody = await stranger();
    await nobody.send("y".repeat(513));
    assertEquals(await answers(nobody), [":irc.test 417 * :Input line was too long"]);
    await undisturbed();
  },
);

scene("a megabyte without a newline is one fault and takes no memory", async ({ guest, undisturbed }) => {
  const mallory = await guest("mallory");
  const block = new Uint8Array(64 * 1024).fill(0x78);
  for (let each = 0; each < 16; each++) await mallory.bytes(block);
  await mallory.bytes(block.subarray(0, 1));
  await undisturbed();
  await mallory.send(" the end");
  assertEquals(await answers(mallory), [":irc.test 417 mallory :Input line was too long"]);
});

scene("a line with NUL is refused whole", async ({ guest, undisturbed }) => {
  const mallory = await guest("mallory");
  await mallory.bytes(bytes("PRIVMSG #lobby :a", 0, "b\r\nJOIN #l", 0, "\r\n", 0, "\r\n"));
  assertEquals(await answers(mallory), [
    ":irc.test FAIL PRIVMSG INVALID_MESSAGE :Message rejected: it contains a NUL byte",
    ":irc.test FAIL JOIN INVALID_MESSAGE :Message rejected: it contains a NUL byte",
    ":irc.test FAIL * INVALID_MESSAGE :Message rejected: it contains a NUL byte",
  ]);
  await undisturbed();
});

scene("bare CR and bare LF end lines; empty ones are nothing", async ({ guest, undisturbed }) => {
  const mallory = await guest("mallory");
  await mallory.bytes(
    bytes("\r\n\n\r\r\n\nPING a\rPING b\nPING c\r\r\nPRIVMSG #lobby :one\rPRIVMSG #lobby :two\n"),
  );
  const pongs = ["a", "b", "c"].map((token) => `:irc.test PONG irc.test :${token}`);
  assertEquals(await answers(mallory), pongs);
  const heard = ["one", "two"].map((text) => `:mallory!~mallory@127.0.0.1 PRIVMSG #lobby :${text}`);
  await undisturbed(heard);
});

scene("invalid UTF-8 is refused with FAIL INVALID_UTF8", async ({ guest, stranger, undisturbed }) => {
  const mallory = await guest("mallory");
  const invalid: number[][] = [[0xff], [0xc3], [0xc0, 0xaf], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [
    0x80,
  ]];
  for (const sequence of invalid) await mallory.bytes(bytes("PRIVMSG #lobby :a", ...sequence, "b\r\n"));
  const refused = ":irc.test FAIL PRIVMSG INVALID_UTF8 :Message rejected: it is not valid UTF-8";
  assertEquals(await answers(mallory), invalid.map(() => refused));
  await mallory.bytes(bytes("@+t=", 0xff, " PRIVMSG #lobby :x\r\nPING ok\r\n", 0xfe, 0xff, "\r\n"));
  assertEquals(await answers(mallory), [
    refused,
    ":irc.test PONG irc.test :ok",
    ":irc.test FAIL * INVALID_UTF8 :Message rejected: it is not valid UTF-8",
  ]);
  const nobody = await stranger();
  await nobody.bytes(bytes("USER u 0 * :", 0xe9, "\r\n"));
  assertEquals((await answers(nobody)).map((line) => line.split(" ").slice(0, 4).join(" ")), [
    ":irc.test FAIL USER INVALID_UTF8",
  ]);
  await undisturbed();
});

scene("unknown commands, missing and ten thousand parameters", async ({ guest, undisturbed }) => {
  const mallory = await guest("mallory");
  await mallory.send("GET / HTTP/1.1\r\nHost: irc.test\r\nJOIN\r\nPRIVMSG");
  assertEquals(await answers(mallory), [
    ":irc.test 421 mallory GET :Unknown command",
    ":irc.test 421 mallory HOST: :Unknown command",
    ":irc.test 461 mallory JOIN :Not enough parameters",
    ":irc.test 411 mallory :No recipient given (PRIVMSG)",
  ]);
  await mallory.send(`ISON ${"x ".repeat(10_000)}`);
  await mallory.send(`ISON ${"x ".repeat(252)}`);
  await mallory.send(`ISON${" ".repeat(400)}bob`);
  assertEquals(await answers(mallory), [
    ":irc.test 417 mallory :Input line was too long",
    ":irc.test 303 mallory :",
    ":irc.test 303 mallory :bob",
  ]);
  await undisturbed();
});

scene("half a line waits, and holds nobody up", async ({ guest, stranger, undisturbed }) => {
  const [mallory, nobody] = [await guest("mallory"), await stranger()];
  await mallory.bytes(bytes("PRIVMSG #lobby :half"));
  await nobody.bytes(bytes("NICK no"));
  await undisturbed();
  await mallory.bytes(bytes(" and half\r\n"));
  await mallory.barrier();
  await undisturbed([":mallory!~mallory@127.0.0.1 PRIVMSG #lobby :half and half"]);
  await mallory.bytes(bytes("PRIVMSG #lobby :never end"));
});

scene("who connects and says nothing is let go in time", async ({ stranger, server, undisturbed }) => {
  const silent = await Promise.all(Array.from({ length: 20 }, stranger));
  await silent[0]!.bytes(bytes("NICK half"));
  await undisturbed();
  await server.turnQueue.run((hub) => hub.tick(START + 31_000));
  for (const client of silent) {
    await client.ended();
    assertEquals(client.take(), ["ERROR :Closing Link: 127.0.0.1 (Registration timed out)", "(closed)"]);
  }
});

scene(
  "names with control, escape and bidi characters are refused",
  async ({ guest, stranger, server, undisturbed }) => {
    const mallory = await guest("mallory");
    const evil = ["\x1b[2J", "\u202egnp", "\u200b", "\x07", "\u2028", "a\u00a0b", "\x7f", "\u0085", "\ufeff"];
    for (const part of evil) await mallory.send(`NICK m${part}\r\nJOIN #m${part}`);
    const codes = (await answers(mallory)).map((line) => line.split(" ")[1]);
    assertEquals(codes, evil.flatMap(() => ["432", "476"]));
    const other = await stranger();
    await other.send("NICK other\r\nUSER :\x1b[31m\u202e 0 * x\r\nUSER \x1b[31mu\u202es 0 * :\x1b[0m");
    await other.barrier();
    await other.send("WHOIS other");
    assertEquals((await answers(other)).find((line) => line.includes(" 311 "))?.split(" ")[4], "~31mus");
    assertEquals([...server.hub.context.state.channels.keys()], ["#lobby"]);
    await undisturbed();
  },
);

scene("a slow reader is let go with a reason, and nobody else loses anything", async (scene) => {
  const { raw, guest, bob, notices, undisturbed } = scene;
  const slow = await raw();
  await slow.write(encodeUtf8("NICK slow\r\nUSER slow 0 * :s\r\nJOIN #lobby\r\n"));
  assertEquals(await bob.until((line) => line.includes("slow")), true);
  bob.take();
  const mallory = await guest("mallory");
  const expected: string[] = [];
  const text = "x".repeat(400);
  const gone = (line: string) => line.includes("slow") && line.includes(" QUIT ");
  const heard: string[] = [];
  for (let round = 0; !heard.some(gone); round++) {
    assert(round < 2000, "the slow reader is still there");
    const lines = Array.from({ length: 50 }, (_, index) => `PRIVMSG #lobby :${round}.${index} ${text}`);
    await mallory.send(lines.join("\r\n"));
    await mallory.barrier();
    await bob.barrier();
    heard.push(...bob.take());
    expected.push(...lines.map((line) => `:mallory!~mallory@127.0.0.1 ${line}`));
  }
  assertEquals(heard.filter(gone), [":slow!~slow@127.0.0.1 QUIT :Send queue exceeded"]);
  assertEquals(heard.filter((line) => !gone(line)), expected);
  const left = notices.find((notice) => notice.kind === "left");
  assertEquals(left?.kind === "left" && left.reason, "Send queue exceeded");
  await undisturbed();
}, { maxQueueBytes: 128 * 1024 });

scene("who asks for too much at once is let go", async ({ guest, undisturbed }) => {
  const mallory = await guest("mallory");
  await mallory.send(Array.from({ length: 200 }, (_, index) => `JOIN #${index}`).join("\r\n"));
  for (let each = 0; each < 20; each++) await mallory.send("LIST\r\n".repeat(1000).trimEnd());
  await mallory.ended();
  const end = mallory.take().slice(-2);
  assertEquals(end.at(-1), "(closed)");
  await undisturbed();
}, { maxQueueBytes: 64 * 1024 });

scene("connections that are reset in the middle of a line", async ({ raw, server, bob, undisturbed }) => {
  for (let each = 0; each < 50; each++) {
    const conn = await raw();
    // Closed with the welcome unread: the system sends a reset.
    await conn.write(encodeUtf8(`NICK m${each}\r\nUSER m 0 * :m\r\nPRIVMSG #lobby :half of`));
    if (each % 2 === 0) await conn.read(new Uint8Array(1));
    conn.close();
  }
  await until(() => server.hub.context.state.sessions.size === 2, bob);
  await undisturbed();
});

scene("a thousand connections that come and go", async ({ raw, server, bob, undisturbed }) => {
  for (let each = 0; each < 20; each++) {
    const conns = await Promise.all(Array.from({ length: 50 }, raw));
    conns.forEach((conn) => conn.close());
  }
  await until(() => server.hub.context.state.sessions.size === 2, bob);
  await undisturbed();
});

/** Goes on asking the server until `holds`; what `asker` gets is dropped. */
async function until(holds: () => boolean, asker: SocketClient): Promise<void> {
  for (let round = 0; !holds(); round++) {
    assert(round < 10_000, "it never comes true");
    await asker.barrier();
  }
}

scene("a line cannot be forged, in whatever field it is hidden", async ({ guest, bob, undisturbed }) => {
  const mallory = await guest("mallory");
  const forged = ":irc.test NOTICE bob :forged";
  const fields = [
    ..."NICK 1,JOIN #x,PART #x,TOPIC #x,KICK #x,INVITE bob,MODE #x,CAP REQ,CHATHISTORY LATEST".split(","),
    ..."AWAY,PING,WHO,WHOIS,NAMES,LIST,ISON,USERHOST,PRIVMSG bob,NOTICE bob,MOTD,USER".split(","),
  ];
  for (const field of fields) await mallory.bytes(bytes(`${field} :x\r\n${forged}\r${forged}\n`));
  await mallory.barrier();
  await bob.barrier();
  const heard = bob.take();
  const source = ":mallory!~mallory@127.0.0.1";
  assertEquals(heard.filter((line) => !line.startsWith(`${source} `)), []);
  assertEquals(heard.filter((line) => line === `${source} NOTICE bob :forged`).length, fields.length * 2);

  // Escaped in a tag, an end of line stays escaped.
  await bob.send("CAP REQ :message-tags batch labeled-response");
  await mallory.send("CAP REQ :message-tags batch labeled-response");
  await Promise.all([bob.barrier(), mallory.barrier()]);
  bob.take();
  mallory.take();
  await mallory.send(`@+t=a\\r\\n${forged.replaceAll(" ", "\\s")};label=l\\r\\nx PRIVMSG bob :tagged`);
  assertEquals(await answers(mallory), ["@label=l\\r\\nx :irc.test ACK"]);
  const [line, ...rest] = await answers(bob);
  assertEquals(rest, []);
  assert(line!.endsWith(`+t=a\\r\\n${forged.replaceAll(" ", "\\s")} ${source} PRIVMSG bob :tagged`), line!);
  await bob.send("CAP REQ :-message-tags");
  await bob.barrier();
  bob.take();
  await undisturbed();
});

scene("ten thousand lines in one breath arrive whole and in order", async ({ guest, bob, undisturbed }) => {
  const mallory = await guest("mallory");
  const lines = Array.from({ length: 10_000 }, (_, index) => `PRIVMSG #lobby :${index}`);
  await mallory.send(lines.join("\n"));
  await mallory.barrier();
  await bob.barrier();
  assertEquals(bob.take(), lines.map((line) => `:mallory!~mallory@127.0.0.1 ${line}`));
  await undisturbed();
});
