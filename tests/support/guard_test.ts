import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { comesTrue, endOf, inTime, outputOf } from "./guard.ts";

const SOON = { guardMs: 1 };

Deno.test("guard: what comes is handed on, and what fails fails as it does", async () => {
  assertEquals(await inTime("a word", Promise.resolve("word")), "word");
  await assertRejects(() => inTime("a word", Promise.reject(new Error("none"))), Error, "none");
  let looks = 0;
  assertEquals(await comesTrue("the third look", () => ++looks === 3 && looks), 3);
});

Deno.test("guard: a wait in vain says what was awaited, and the last that was heard", async () => {
  const never = new Promise<void>(() => {});
  const heard = () => Array.from({ length: 12 }, (_, index) => `line ${index}`);
  const error = await assertRejects(() => inTime("the end", never, { heard, ...SOON }), Error);
  assertMatch(error.message, /^waited for the end, heard "line 2" \| .* \| "line 11"$/);
  await assertRejects(() => inTime("it", never, SOON), Error, "waited for it, heard nothing");
  await assertRejects(() => comesTrue("it", () => false, SOON), Error, "waited for it, heard nothing");
});

Deno.test("guard: what a process has written is there with its end", async () => {
  const script = "console.log('said'); console.error('told'); Deno.exit(3)";
  const child = new Deno.Command(Deno.execPath(), {
    args: ["eval", script],
    stdout: "piped",
    stderr: "piped",
  })
    .spawn();
  assertEquals(await outputOf("a script", child), { code: 3, out: "said\n", err: "told\n" });
  assertEquals((await endOf(child)).code, 3);
});
