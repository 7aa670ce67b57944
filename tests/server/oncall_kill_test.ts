/** Pages over a server that is killed: what was confirmed is there, and an acknowledgement counts once. */
import { assertMatch } from "@std/assert";
import { Server } from "../commands/program.ts";
import { POSIX } from "../support/test.ts";
import { ask, enterAccount } from "./oncall_client.ts";

const enter = ({ url }: Server, name: string, isNew = false) =>
  enterAccount(Number(new URL(url.replace("irc:", "http:")).port), name, isNew);

Deno.test({
  name: "on-call: pages and acknowledgements that were confirmed outlive kill -9, each once",
  ...POSIX,
  async fn() {
    const home = await Deno.makeTempDir();
    let server = await Server.start(home);
    try {
      const ann = await enter(server, "ann", true);
      const ben = await enter(server, "ben", true);
      await ask(ann, "JOIN #ops", / 366 /);
      await ask(ann, "ONCALL SET ops ann,ben 30", / ONCALL SET /);
      ben.close(), ann.close();
      for (let round = 1; round <= 3; round++) {
        const pager = await enter(server, "ben");
        const open = `PAGE OPEN p${round} ops :round ${round}`;
        assertMatch(
          await ask(pager, open, / PAGE OPEN /),
          new RegExp(` PAGE OPEN p${round} ${round} ringing \\*$`),
        );
        await server.stop("SIGKILL");
        server = await Server.start(home);
        const first = await enter(server, "ann");
        assertMatch(
          await ask(first, `PAGE ACK ${round}`, / PAGE ACK /),
          new RegExp(` PAGE ACK ${round} \\S+ :`),
        );
        await server.stop("SIGKILL");
        server = await Server.start(home);
        const second = await enter(server, "ben");
        const late = await ask(second, `PAGE ACK ${round}`, / (?:FAIL PAGE|PAGE ACK) /);
        assertMatch(late, new RegExp(` FAIL PAGE ALREADY_ENDED ${round} :.* was acknowledged by ann, `));
        assertMatch(
          await ask(second, open, / PAGE END /),
          new RegExp(` END p${round} ${round} acknowledged ann ann `),
        );
        for (const client of [pager, first, second]) client.close();
      }
    } finally {
      await server.stop("SIGKILL");
      await Deno.remove(home, { recursive: true });
    }
  },
});
