import { assertEquals, assertMatch } from "@std/assert";
import { concatBytes, encodeUtf8 } from "../../lib/base/bytes.ts";
import {
  CLOSE,
  encodeCloseFrame,
  encodeLines,
  FrameReader,
  MAX_MESSAGE_BYTES,
} from "../../lib/net/web/websocket_frames.ts";
import { pureTest } from "../support/test.ts";
import { clientFrame } from "../support/web_client.ts";

const TEXT = 1;
const BINARY = 2;

interface Heard {
  lines: string;
  events: string[];
}

/** What a reader makes of `bytes` that come in pieces of `piece`, where it may fill `channel` at a time. */
function hear(bytes: Uint8Array, piece = bytes.length, channel = 64): Heard {
  const reader = new FrameReader();
  const heard: Heard = { lines: "", events: [] };
  const parts: Uint8Array[] = [];
  const out = new Uint8Array(channel);
  let raw = new Uint8Array(0);
  for (let at = 0; at < bytes.length; at += piece) {
    raw = concatBytes([raw, bytes.subarray(at, at + piece)]);
    for (let more = true; more;) {
      const event = reader.read(raw, out);
      raw = raw.slice(reader.used);
      if (reader.filled > 0) parts.push(out.slice(0, reader.filled));
      if (event?.kind === "ping") heard.events.push(`ping ${new TextDecoder().decode(event.payload)}`);
      else if (event?.kind === "close") heard.events.push(`close ${event.code}`);
      else if (event !== undefined) heard.events.push(`${event.code} ${event.why}`);
      more = event?.kind === "ping" || event === undefined && reader.filled > 0;
      if (event !== undefined && event.kind !== "ping") return { ...heard, lines: text(parts) };
    }
  }
  return { ...heard, lines: text(parts) };
}

function text(parts: Uint8Array[]): string {
  return new TextDecoder("latin1").decode(concatBytes(parts));
}

pureTest(
  "messages become lines, however the bytes are cut and however little is taken at a time",
  () => {
    const lines = ["NICK alice", "", `PRIVMSG #tea :${"x".repeat(200)}`, "é".repeat(10), "a"];
    const bytes = concatBytes(lines.map((line) => clientFrame(encodeUtf8(line))));
    const expected = new TextDecoder("latin1").decode(
      encodeUtf8(lines.map((line) => `${line}\r\n`).join("")),
    );
    for (const piece of [1, 2, 3, 7, 64, bytes.length]) {
      for (const channel of [2, 3, 17, 1000]) {
        assertEquals(hear(bytes, piece, channel), { lines: expected, events: [] }, `${piece}, ${channel}`);
      }
    }
  },
);

pureTest("a message may come in several frames, with pings between them", () => {
  const bytes = concatBytes([
    clientFrame(encodeUtf8("PRIV"), { final: false }),
    clientFrame(encodeUtf8("one"), { opcode: 9 }),
    clientFrame(encodeUtf8(""), { opcode: 0, final: false }),
    clientFrame(encodeUtf8("two"), { opcode: 10 }),
    clientFrame(encodeUtf8("MSG"), { opcode: 0 }),
    clientFrame(encodeUtf8("next"), { opcode: BINARY }),
  ]);
  for (const piece of [1, 5, bytes.length]) {
    assertEquals(hear(bytes, piece), { lines: "PRIVMSG\r\nnext\r\n", events: ["ping one"] });
  }
});

pureTest("what the protocol forbids ends it, with the reason", () => {
  const open = clientFrame(encodeUtf8("a"), { final: false });
  for (
    const [bytes, code] of [
      [clientFrame(encodeUtf8("a"), { masked: false }), CLOSE.protocolError],
      [clientFrame(encodeUtf8("a"), { reserved: 4 }), CLOSE.protocolError],
      [clientFrame(encodeUtf8("a"), { opcode: 3 }), CLOSE.protocolError],
      [clientFrame(encodeUtf8("a"), { opcode: 11 }), CLOSE.protocolError],
      [clientFrame(encodeUtf8("a"), { opcode: 0 }), CLOSE.protocolError],
      [concatBytes([open, clientFrame(encodeUtf8("b"))]), CLOSE.protocolError],
      [clientFrame(encodeUtf8("a"), { opcode: 9, final: false }), CLOSE.protocolError],
      [clientFrame(encodeUtf8("x".repeat(126)), { opcode: 9 }), CLOSE.protocolError],
      [clientFrame(encodeUtf8("x"), { opcode: 8 }), CLOSE.protocolError],
      [clientFrame(encodeUtf8("NICK a\r\nQUIT")), CLOSE.refused],
      [clientFrame(encodeUtf8("NICK a\nQUIT")), CLOSE.refused],
      [
        concatBytes([
          clientFrame(encodeUtf8("NICK a\n"), { final: false }),
          clientFrame(encodeUtf8("x"), { opcode: 0 }),
        ]),
        CLOSE.refused,
      ],
      [clientFrame(new Uint8Array(MAX_MESSAGE_BYTES + 1).fill(97)), CLOSE.tooBig],
    ] as const
  ) {
    const { events } = hear(bytes, bytes.length, 100_000);
    assertEquals(events.length, 1);
    assertMatch(events[0]!, new RegExp(`^${code} `));
  }
});

pureTest("a huge frame is refused by its head alone", () => {
  const head = clientFrame(new Uint8Array(1 << 20)).subarray(0, 14);
  assertEquals(hear(head).events, [`1009 a message has at most ${MAX_MESSAGE_BYTES} bytes`]);
  const [small, piece] = [10, clientFrame(encodeUtf8("x".repeat(4000)), { opcode: 0, final: false })];
  const many = concatBytes([clientFrame(encodeUtf8("x"), { final: false }), ...Array(small).fill(piece)]);
  assertEquals(hear(many, 100, 500).events, [`1009 a message has at most ${MAX_MESSAGE_BYTES} bytes`]);
});

pureTest("an end of line behind the line is what older clients send", () => {
  assertEquals(hear(clientFrame(encodeUtf8("NICK a\r\n"))), { lines: "NICK a\r\n\r\n", events: [] }); // an empty line is none
});

pureTest("text is UTF-8, or it is the end; binary may be anything", () => {
  const strict = new TextDecoder("utf-8", { fatal: true });
  const isText = (bytes: Uint8Array) => {
    try {
      strict.decode(bytes);
      return true;
    } catch {
      return false;
    }
  };
  const firsts = [
    0x00,
    0x7f,
    0x80,
    0xbf,
    0xc0,
    0xc1,
    0xc2,
    0xdf,
    0xe0,
    0xe1,
    0xed,
    0xef,
    0xf0,
    0xf1,
    0xf4,
    0xf5,
  ];
  const rests = [0x41, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0];
  for (const first of firsts) {
    for (const second of rests) {
      for (const tail of [[], [0x80], [0xbf, 0x80], [0x80, 0x80, 0x80], [0xc3, 0xa9]]) {
        const bytes = new Uint8Array([first, second, ...tail]);
        const events = isText(bytes) ? [] : ["1007 a text message is not UTF-8"];
        assertEquals(hear(clientFrame(bytes)).events, events, bytes.toHex());
        assertEquals(hear(clientFrame(bytes, { opcode: BINARY })).events, [], bytes.toHex());
      }
    }
  }
  assertEquals(hear(clientFrame(encodeUtf8("é").subarray(0, 1))).events, [
    "1007 a text message is not UTF-8",
  ]);
});

pureTest("the end is answered by its own code, where that is one", () => {
  const close = (...payload: number[]) => hear(clientFrame(new Uint8Array(payload), { opcode: 8 })).events;
  assertEquals(close(), ["close 1000"]);
  assertEquals(close(3, 233), ["close 1001"]);
  assertEquals(close(3, 237), ["close 1002"]); // 1005 is never sent
  assertEquals(close(15, 160, 98, 121, 101), ["close 4000"]);
});

pureTest("each line is a message of its own, of every length", () => {
  const long = "x".repeat(300);
  const longest = "y".repeat(70_000);
  const bytes = encodeLines(TEXT, encodeUtf8(`a\r\n${"b".repeat(125)}\r\n${long}\r\n${longest}\r\n`));
  assertEquals(bytes.subarray(0, 5), new Uint8Array([129, 1, 97, 129, 125]));
  assertEquals(bytes.subarray(130, 135), new Uint8Array([129, 126, 1, 44, 120]));
  assertEquals(bytes.subarray(434, 445), new Uint8Array([129, 127, 0, 0, 0, 0, 0, 1, 17, 112, 121]));
  assertEquals(bytes.length, 445 - 1 + longest.length);
  assertEquals(encodeLines(BINARY, encodeUtf8("é\r\n")), new Uint8Array([130, 2, 195, 169]));
  assertEquals(encodeCloseFrame(1008, "é!"), new Uint8Array([136, 4, 3, 240, 63, 33]));
  assertEquals(encodeCloseFrame(1008, "x".repeat(200)).length, 127);
});
