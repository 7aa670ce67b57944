import { assertEquals } from "@std/assert";
import { encodeUtf8 } from "../../lib/base/bytes.ts";
import { loadPalette, QueuedOutput } from "../../lib/cli/standard_streams.ts";
import type { MessageEntry } from "../../lib/client/conversation/model/chat_entry.ts";
import { PlainUi } from "../../lib/tui/plain_ui.ts";
import type { PlainForm } from "../../lib/tui/plain_ui.ts";
import { forAll, Random } from "../irc/property.ts";
import { makeInput, viewOf } from "./chat_input.ts";
import { pureTest } from "../support/test.ts";

const plain = loadPalette(false);

function ui(
  chunks: Iterable<Uint8Array<ArrayBuffer>>,
  form?: PlainForm,
): { ui: PlainUi; written: string[]; output: QueuedOutput } {
  const written: string[] = [];
  const output = new QueuedOutput({
    write: (bytes) => {
      written.push(new TextDecoder().decode(bytes));
      return Promise.resolve(bytes.length);
    },
  }, false);
  const input = { isTerminal: false, readable: ReadableStream.from(chunks), setRaw: () => {} };
  return { ui: new PlainUi(input, output, plain, undefined, form), written, output };
}

async function linesOf(chunks: Iterable<Uint8Array<ArrayBuffer>>): Promise<string[]> {
  const lines: string[] = [];
  assertEquals(await ui(chunks).ui.run(makeInput({ take: (line) => void lines.push(line) })), "end");
  return lines;
}

pureTest("plain ui: one line in", async () => {
  assertEquals(await linesOf([]), []);
  assertEquals(await linesOf([encodeUtf8("a\r\n\nb")]), ["a", "", "b"]);
  assertEquals(await linesOf([encodeUtf8("1%\r2"), encodeUtf8("0%\r100%\ndone\r3%\r")]), ["100%", "3%"]);
  const endless = await linesOf([encodeUtf8("x".repeat(200_000))]);
  assertEquals(endless.join("").length, 200_000);
  assertEquals(endless.every((line) => line.length <= 64 * 1024), true);
});

pureTest("plain ui: input that breaks off says so, after the lines before", async () => {
  const lines: string[] = [];
  const broken = ui((function* () {
    yield encodeUtf8("a\nb\n");
    throw new Error("input/output error");
  })());
  assertEquals(await broken.ui.run(makeInput({ take: (line) => void lines.push(line) })), "unreadable");
  assertEquals(lines, ["a", "b"]);
});

pureTest("plain ui: one line out", async () => {
  const { ui: shown, written, output } = ui([]);
  shown.prompt();
  shown.show([[{ text: "12:34 " }, { text: "<bob> hi", style: "name" }], [{ text: "next" }]]);
  await output.flush();
  assertEquals(written.join(""), "12:34 <bob> hi\nnext\n");
  shown.close();
});

pureTest("plain ui: however the bytes are cut, the lines are the same", async () => {
  const seeds: number[] = [];
  forAll(50, (random) => void seeds.push(random.below(1 << 30)));
  for (const seed of seeds) {
    const random = new Random(seed);
    const text = random.text("ab日👍\n", 0, 60);
    const bytes = encodeUtf8(text);
    const chunks = [];
    for (let at = 0; at < bytes.length;) {
      const end = Math.min(bytes.length, at + 1 + random.below(5));
      chunks.push(bytes.slice(at, end));
      at = end;
    }
    const expected = text.split("\n");
    if (expected.at(-1) === "") expected.pop();
    assertEquals(await linesOf(chunks), expected, `seed ${seed}`);
  }
});

pureTest(
  "plain ui: bytes that are not UTF-8 are replaced, which is told once; a character cut between chunks is whole",
  async () => {
    const replaced: string[] = [];
    const read = async (...chunks: number[][]) => {
      const lines: string[] = [];
      const input = ReadableStream.from(chunks.map((bytes) => Uint8Array.from(bytes)));
      const output = new QueuedOutput({ write: (bytes) => Promise.resolve(bytes.length) }, false);
      const shown = new PlainUi(
        { isTerminal: false, readable: input, setRaw: () => {} },
        output,
        plain,
        () => replaced.push("replaced"),
      );
      await shown.run(makeInput({ take: (line) => void lines.push(line) }));
      return lines;
    };
    assertEquals([await read([0xc3], [0xa9, 0x0a]), replaced], [["é"], []]);
    assertEquals([await read([0xff, 0x0a], [0xff, 0x0a], [0xc3]), replaced], [
      ["\ufffd", "\ufffd", "\ufffd"],
      [
        "replaced",
      ],
    ]);
  },
);

pureTest("plain ui: close releases standard input, also while it is read", async () => {
  let isRead = true;
  const readable = new ReadableStream<Uint8Array<ArrayBuffer>>({ cancel: () => void (isRead = false) });
  const output = new QueuedOutput({ write: (bytes) => Promise.resolve(bytes.length) }, false);
  const shown = new PlainUi({ isTerminal: false, readable, setRaw: () => {} }, output, plain);
  const ended = shown.run(makeInput());
  shown.close();
  assertEquals([await ended, isRead], ["end", false]);
});

const form: PlainForm = {
  local: { clock: () => "14:11", day: (time) => `day ${Math.floor(time / 100)}`, date: String },
  now: 0,
  hasTimes: true,
  echoes: true,
  keptIds: ["kept"],
};

/** A message of alice. */
const hello: MessageEntry = {
  kind: "message",
  seq: undefined,
  id: undefined,
  time: 0,
  channel: "#dev",
  from: "alice",
  to: "#dev",
  manner: "said",
  text: "hello",
};

/** The lines of `entry` for alice, in `view`. */
function linesFor(ui: PlainUi, entry: MessageEntry, view: string | undefined): string[] {
  const lines = ui.renderEntry!(entry, { nick: "alice", channel: view }, view);
  return lines.map((line) => line.map(({ text }) => text).join(""));
}

pureTest(
  "plain ui: the current room is named before the first line of it, and when nothing else is shown",
  async () => {
    const { ui: shown, written, output } = ui([], form);
    shown.prompt("#dev> ", viewOf("#dev"));
    shown.prompt("#dev> ", viewOf("#dev"));
    assertEquals(linesFor(shown, { ...hello, from: "bob" }, "#dev"), ["14:11 bob: hello"]);
    assertEquals(linesFor(shown, { ...hello, from: "bob" }, "#ops"), ["room #ops", "14:11 #dev bob: hello"]);
    for (const view of ["#ops", "bob", undefined]) {
      shown.prompt("", view === undefined ? undefined : viewOf(view));
    }
    await output.flush();
    assertEquals(written.join(""), "room #dev\nconversation bob\nno room\n");
  },
);

pureTest(
  "plain ui: what the terminal has echoed is not shown again; what was kept, or typed elsewhere, is",
  () => {
    const { ui: shown } = ui([], form);
    shown.prompt("", viewOf("#dev"));
    const of = (entry: Partial<MessageEntry>) => linesFor(shown, { ...hello, ...entry }, "#dev");
    assertEquals(of({ senderId: "typed" }), []);
    for (const entry of [{}, { senderId: "kept" }, { senderId: "kept.1" }]) {
      assertEquals(of(entry), ["14:11 alice: hello"]);
    }
    const { ui: piped } = ui([], { ...form, echoes: false });
    piped.prompt("", viewOf("#dev"));
    assertEquals(linesFor(piped, { ...hello, senderId: "typed" }, "#dev"), ["14:11 alice: hello"]);
  },
);

pureTest("plain ui: another day is named before the first line of it", () => {
  const { ui: shown } = ui([], form);
  shown.prompt("", viewOf("#dev"));
  const lines = [99, 100, 101].flatMap((time) => linesFor(shown, { ...hello, time }, "#dev"));
  assertEquals(lines, ["14:11 alice: hello", "date day 1", "14:11 alice: hello", "14:11 alice: hello"]);
});
