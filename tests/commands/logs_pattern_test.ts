import { assertEquals, assertRejects } from "@std/assert";
import { compilePattern } from "../../commands/logs/output/text_pattern.ts";
import type { CaseChoice } from "../../commands/logs/output/text_pattern.ts";
import { UsageError } from "../../lib/cli/flags/command_definition.ts";

/** The engine is loaded from the cache of packages. */
function patternTest(name: string, fn: () => Promise<void>): void {
  Deno.test({ name, permissions: { read: true }, fn });
}

async function isFound(pattern: string, text: string, choice: CaseChoice = "smart"): Promise<boolean> {
  return (await compilePattern(pattern, choice)).isIn(text);
}

patternTest("--grep: smart case looks at the letters of the text only", async () => {
  assertEquals(await isFound("deploy", "DEPLOY"), true);
  assertEquals(await isFound("Deploy", "deploy"), false);
  assertEquals(await isFound("straße\\S\\W\\p{Lu}|\\x4Aa", "STRASSE x"), false);
  assertEquals(await isFound("\\Sx", "AX"), true);
  assertEquals(await isFound("\\p{Lu}|(?P<Name>é)", "É"), true);
  assertEquals(await isFound("Deploy", "deploy", "ignore"), true);
  assertEquals(await isFound("deploy", "Deploy", "respect"), false);
});

patternTest("--grep: where it is, in UTF-16 code units", async () => {
  const pattern = await compilePattern("d.|😀|x*", "smart");
  assertEquals(pattern.findAll("da 😀 xx DB"), [
    { start: 0, end: 2 },
    { start: 3, end: 5 },
    { start: 6, end: 8 },
    { start: 9, end: 11 },
  ]);
});

patternTest("--grep: a pattern that takes backtracking exponential time is answered", async () => {
  assertEquals(await isFound("^(a+)+$", "a".repeat(4000) + "b"), false);
  assertEquals(await isFound("(x+x+)+y", "x".repeat(4000)), false);
});

patternTest("--grep: what is no pattern is told, and what RE2 leaves out", async () => {
  const fault = async (pattern: string) =>
    (await assertRejects(() => compilePattern(pattern, "smart"), UsageError)).message;
  assertEquals(await fault("(a"), "--grep: error parsing regexp: missing closing ): `(a`");
  assertEquals(
    await fault("a(?=b)"),
    "--grep: error parsing regexp: invalid or unsupported Perl syntax: `(?=`; lookaround and backreferences are not " +
      "known, because they can take exponential time",
  );
  assertEquals(await fault("x".repeat(1001)), "--grep: the pattern is longer than 1000 characters");
});
