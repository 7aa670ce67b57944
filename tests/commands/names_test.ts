/** Which name a command acts under, and what it leaves of it. */
import { assertEquals, assertMatch } from "@std/assert";
import { command as join } from "../../commands/join.ts";
import { command as key } from "../../commands/key.ts";
import { command as list } from "../../commands/list.ts";
import { command as logs } from "../../commands/logs.ts";
import { command as send } from "../../commands/send.ts";
import { placeTest } from "./machines.ts";

/** No name in the environment. */
const env = { USER: "" };

placeTest(
  "names: without a name nothing is made up: send, join, logs --with and key say how to give one",
  async ({ on, keys }) => {
    const nameless = [
      [send, "#lobby hi", "--from NAME"],
      [join, "--no-color", "NAME"],
      [logs, "--with bob", "--name NAME"],
      [key, "show", "NAME"],
    ] as const;
    for (const [command, line, how] of nameless) {
      const { code, err } = await on("a", command, line, { env, stdin: "hi\n" });
      assertEquals(code, 64, line);
      assertMatch(err, new RegExp(`This user has no login name: give ${how}, or set CHATTERBOX_NAME`));
    }
    assertEquals(await keys("a"), []);
  },
);

placeTest("names: who only looks needs no name", async ({ on, keys }) => {
  assertEquals((await on("a", list, "--rooms", { env })).code, 0);
  assertEquals((await on("a", logs, "-n 1", { env })).code, 0);
  assertEquals(await keys("a"), []);
});

placeTest("names: the system is asked for the login name where the environment has none", async ({ on }) => {
  const sent = await on("a", send, "#lobby hi", { env, systemName: "carol" });
  assertEquals([sent.code, sent.err], [0, ""]);
  assertMatch((await on("a", logs, "-n 1")).out, / carol: hi\n$/);
});
