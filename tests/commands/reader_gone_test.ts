/** Commands that wait end when the reader of their standard output has gone, though there is nothing to write. */
import { assertEquals } from "@std/assert";
import { GUARD_MS } from "../support/guard.ts";
import { linesOf, program, Server, start } from "./program.ts";

/** Where `lib/cli/pipe_watcher.ts` finds a C library. */
const TELLS = Deno.build.os === "linux" || Deno.build.os === "darwin";

const CASES: readonly (readonly [args: string[], first: RegExp])[] = [
  [["logs", "--follow"], /bob: hello$/],
  [["list", "--watch", "--server-stats"], /./],
  [["join", "alice"], /./],
];

for (const [args, first] of CASES) {
  Deno.test({
    name: `${args.join(" ")}: the end of the pipe is the end, with 0, and without another line`,
    ignore: !TELLS,
    async fn() {
      const server = await Server.start();
      const at = ["--server", server.url];
      try {
        await program(["send", "#lobby", "hello", "--from", "bob", ...at], server.home);
        // The input of `join` stays open: its end would be another reason to leave.
        const child = start([...args, ...at], server.home, args[0] === "join" ? { stdin: "" } : {});
        // A command that does not end is killed, and its exit code tells.
        const guard = setTimeout(() => child.kill("SIGKILL"), GUARD_MS);
        const errors = new Response(child.stderr).text();
        for await (const line of linesOf(child.stdout)) if (first.test(line)) break; // closes the pipe
        const { code } = await child.status;
        clearTimeout(guard);
        if (args[0] === "join") await child.stdin.close().catch(() => {}); // broken by now
        assertEquals([code, await errors], [0, ""]);
      } finally {
        await server.stop();
        await Deno.remove(server.home, { recursive: true });
      }
    },
  });
}
