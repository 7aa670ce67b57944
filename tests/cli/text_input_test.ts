import { assertEquals } from "@std/assert";
import { readText } from "../../lib/cli/text_input.ts";
import { pureTest } from "../support/test.ts";
import { FakeIo } from "./fake_io.ts";

const MAX = 20;

function read(words: string[], stdin?: string | Uint8Array<ArrayBuffer>) {
  return readText(words, new FakeIo(stdin === undefined ? {} : { stdin }), MAX);
}

pureTest(
  "text comes from the arguments, else from standard input that is no terminal, or for a dash",
  async () => {
    assertEquals(await read(["hello", "world"], "ignored"), {
      kind: "ok",
      text: "hello world",
      replaced: false,
    });
    assertEquals(await read([], "piped\n"), { kind: "ok", text: "piped\n", replaced: false });
    assertEquals(await read(["-"], "dash"), { kind: "ok", text: "dash", replaced: false });
    assertEquals(await read([]), { kind: "none" });
  },
);

pureTest("empty, too long and NUL are refused with a reason", async () => {
  assertEquals(await read([], ""), { kind: "bad", why: "standard input is empty" });
  assertEquals(await read([], "\n\r\n"), { kind: "bad", why: "standard input is empty" });
  assertEquals(await read([""]), { kind: "bad", why: "the text is empty" });
  assertEquals(await read([], "x".repeat(MAX + 1)), {
    kind: "bad",
    why: "standard input is longer than 20 B, the limit of one command",
  });
  assertEquals((await read([], "a\0b")).kind, "bad");
});

pureTest(
  "what is not UTF-8 is replaced and told, and a line is what a terminal shows of it at its end",
  async () => {
    const wrong = Uint8Array.of(0x62, 0x20, 0xff, 0x0a);
    assertEquals(await read([], wrong), { kind: "ok", text: "b \ufffd\n", replaced: true });
    assertEquals(await read([], "\ufffd"), {
      kind: "ok",
      text: "\ufffd",
      replaced: false,
    });
    assertEquals(await read([], "1%\r20%\r100%\ndone\r\n"), {
      kind: "ok",
      text: "100%\ndone\n",
      replaced: false,
    });
  },
);

pureTest("standard input that can't be read (a folder, for one) is told, and no bug", async () => {
  const io = new FakeIo({ stdin: "" });
  io.stdin.readable = new ReadableStream({
    start: (controller) => controller.error(new Error("is a folder")),
  });
  assertEquals(await readText(["-"], io, MAX), {
    kind: "unreadable",
    why: "cannot read standard input: is a folder",
  });
});
