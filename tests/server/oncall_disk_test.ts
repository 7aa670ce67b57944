/** Pages at a server with a disk that takes nothing: people are rung and told; what a `kill -9` then does is what was told. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { programTest } from "../commands/program.ts";
import { POSIX } from "../support/test.ts";
import { needs } from "../tools.ts";
import { ask, enterAccount, hear } from "./oncall_client.ts";
import { Serve } from "./serve_process.ts";

/** Has no file of the server grow, or be written beyond its first byte. */
async function limitFiles({ child }: Serve, bytes: "1" | "unlimited"): Promise<void> {
  const args = ["-c", `prlimit --pid ${child.pid} --fsize=${bytes}:`];
  const { success } = await new Deno.Command("sh", { args }).output();
  assert(success, "prlimit");
}

const start = (home: string) =>
  Serve.start(home, ["--sync", "10ms", "--buffer", "64KiB", "--archive", "off"], "trap '' XFSZ;");

programTest(
  "on-call: while the disk fails pages ring and are acknowledged, unsaved; kill -9 undoes it unless it was saved",
  { ignore: POSIX.ignore || needs("prlimit").ignore },
  async (home) => {
    let serve = await start(home);
    try {
      const [ann, ben] = await Promise.all(
        ["ann", "ben"].map((name) => enterAccount(serve.port, name, true)),
      );
      await ask(ann!, "JOIN #ops", / 366 /);
      await ask(ann!, "ONCALL SET ops ann 30", / ONCALL SET /);
      await ask(ben!, "PAGE OPEN p1 ops :saved", / PAGE RUNG /);
      await limitFiles(serve, "1");
      await ask(ben!, "PAGE OPEN p2 ops :not saved", / WARN PAGE NOT_SAVED p2 :.* it is lost$/);
      await hear(ann!, / PAGE RINGING 2 ops ben 1 :not saved$/);
      await ask(ann!, "PAGE ACK 1", / WARN PAGE NOT_SAVED 1 :.* may ring again$/);
      await hear(ben!, / PAGE END p1 1 acknowledged ann ann .*; not saved yet: /);
      await serve.kill();

      serve = await start(home);
      const [first, second] = [await enterAccount(serve.port, "ann"), await enterAccount(serve.port, "ben")];
      await second.send("PAGE LIST ALL");
      await second.until((line) => line.endsWith(" PAGE LIST *"));
      const items = second.take().filter((line) => line.includes(" PAGE ITEM "));
      assertEquals(items.map((line) => line.split(" ").slice(3, 6).join(" ")), ["1 ops ringing"]);
      await limitFiles(serve, "1");
      await ask(first, "PAGE ACK 1", / PAGE ACK 1 /);
      await ask(second, "PAGE OPEN p3 ops :saved later", / PAGE RUNG p3 /);
      await limitFiles(serve, "unlimited");
      await hear(second, / NOTE PAGE SAVED p3 :/);
      await serve.kill();

      serve = await start(home);
      const last = await enterAccount(serve.port, "ben");
      assertMatch(
        await ask(last, "PAGE OPEN p1 ops :saved", / PAGE END /),
        / END p1 1 acknowledged ann ann /,
      );
      assertMatch(await ask(last, "PAGE OPEN p3 ops :saved later", / PAGE OPEN /), / p3 \d+ ringing \*$/);
      for (const client of [ann!, ben!, first, second, last]) client.close();
    } finally {
      await serve.kill();
    }
  },
);
