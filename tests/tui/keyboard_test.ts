import { assertEquals } from "@std/assert";
import { encodeUtf8 } from "../../lib/base/bytes.ts";
import { Keyboard } from "../../lib/tui/terminal/keyboard.ts";
import { pureTest } from "../support/test.ts";

pureTest(
  "keyboard: a second of silence ends a paste whose end was lost, and no key is lost by it",
  async () => {
    let keys: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>> | undefined;
    const readable = new ReadableStream<Uint8Array<ArrayBuffer>>({ start: (each) => void (keys = each) });
    const timers = new Set<() => void>();
    const waits: number[] = [];
    const asked = Promise.withResolvers<void>();
    const keyboard = new Keyboard({ isTerminal: true, readable, setRaw: () => {} }, (ms, run) => {
      waits.push(ms);
      timers.add(run);
      asked.resolve();
      return () => void timers.delete(run);
    });
    keys!.enqueue(encodeUtf8("a\x1b[200~\x1b["));
    assertEquals(await keyboard.next(), { kind: "type", text: "a" });
    const next = keyboard.next();
    await asked.promise;
    for (const run of timers) run();
    assertEquals([await next, timers.size, waits], [{ kind: "paste", text: "\x1b[" }, 0, [1000]]);
    keys!.enqueue(encodeUtf8("b\r"));
    assertEquals(await keyboard.next(), { kind: "type", text: "b" });
    assertEquals(await keyboard.next(), { kind: "enter" });
    assertEquals(waits.length, 1);
    keyboard.close();
  },
);

pureTest("keyboard: close ends raw mode, and later keys are not read", async () => {
  let isRead = true;
  const raw: boolean[] = [];
  const readable = new ReadableStream<Uint8Array<ArrayBuffer>>({ cancel: () => void (isRead = false) });
  const keyboard = new Keyboard({ isTerminal: true, readable, setRaw: (on) => void raw.push(on) });
  keyboard.raw = true;
  const next = keyboard.next();
  keyboard.close();
  assertEquals([isRead, raw], [false, [true, false]]);
  assertEquals(await next, undefined);
});

pureTest("keyboard: the Escape key is told by a quarter of a second of silence", async () => {
  let keys: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>> | undefined;
  const readable = new ReadableStream<Uint8Array<ArrayBuffer>>({ start: (each) => void (keys = each) });
  const waits: number[] = [];
  const keyboard = new Keyboard({ isTerminal: true, readable, setRaw: () => {} }, (ms, run) => {
    waits.push(ms);
    queueMicrotask(run);
    return () => {};
  });
  keys!.enqueue(encodeUtf8("\x1b"));
  assertEquals([await keyboard.next(), waits], [{ kind: "cancel" }, [250]]);
  keys!.enqueue(encodeUtf8("b"));
  assertEquals(await keyboard.next(), { kind: "type", text: "b" });
  keyboard.close();
});
