import { assertEquals } from "@std/assert";
import { FakeIo } from "../cli/fake_io.ts";

const COMMANDS = ["serve", "join", "send", "logs", "list", "register", "unregister", "key", "admin"];

async function helpOf(name: string): Promise<string> {
  const { command } = await import(`../../commands/${name}.ts`);
  const io = new FakeIo();
  assertEquals(await command.run(["--help"], io), 0);
  await io.flush();
  return io.out;
}

Deno.test("help: every flag that a help text names is one of a command", async () => {
  const texts = await Promise.all(COMMANDS.map(helpOf));
  const flags = new Set(
    texts.flatMap((text) => text.match(/^ {2}(?:-\w, | {4})--.*$/gm) ?? [])
      .flatMap((line) => /^ *((?:-\w, )?--[\w-]+(?:, --[\w-]+)*)/.exec(line)![1]!.match(/--[\w-]+/g)!),
  );
  for (const [nth, text] of texts.entries()) {
    const unknown = (text.match(/(?<![\w-])--[A-Za-z][\w-]*/g) ?? []).filter((flag) => !flags.has(flag));
    assertEquals(unknown, [], COMMANDS[nth]);
  }
});
