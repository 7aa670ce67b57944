import { assertEquals } from "@std/assert";
import { readText } from "../../lib/cli/input.ts";
import { FakeIo } from "./fake_io.ts";

const MAX = 20;

function read(words: string[], stdin?: string | Uint8Array<ArrayBuffer>) {
  return readText(words, new FakeIo(stdin === undefined ? {} : { stdin }), MAX);
}

Deno.test({
  name: "text comes from the arguments, else from standard input that is no terminal, or for a dash",
  permissions: "none",
  async fn() {
    assertEquals(await read(["hello", "world"], "ignored"), { kind: "ok", text: "hello world" });
    assertEquals(await read([], "piped\n"), { kind: "ok", text: "piped\n" });
    assertEquals(await read(["-"], "dash"), { kind: "ok", text: "dash" });
    assertEquals(await read([]), { kind: "none" });
  },
});

Deno.test({
  name: "empty, too long, not UTF-8 and NUL are refused with a reason",
  permissions: "none",
  async fn() {
    assertEquals(await read([], ""), { kind: "bad", why: "standard input is empty" });
    assertEquals(await read([], "\n\r\n"), { kind: "bad", why: "standard input is empty" });
    assertEquals(await read([""]), { kind: "bad", why: "the text is empty" });
    assertEquals(await read([], "x".repeat(MAX + 1)), {
      kind: "bad",
      why: "standard input is longer than 20 B, the most that is sent at once",
    });
    assertEquals(await read([], Uint8Array.of(0xff, 0x41)), {
      kind: "bad",
      why: "standard input is not UTF-8",
    });
    assertEquals((await read([], "a\0b")).kind, "bad");
  },
});

Deno.test({
  name: "standard input that can't be read (a folder, for one) is told, and no bug",
  permissions: "none",
  async fn() {
    const io = new FakeIo({ stdin: "" });
    io.stdin.readable = new ReadableStream({
      start: (controller) => controller.error(new Error("is a folder")),
    });
    assertEquals(await readText(["-"], io, MAX), {
      kind: "unreadable",
      why: "cannot read standard input: is a folder",
    });
  },
});
