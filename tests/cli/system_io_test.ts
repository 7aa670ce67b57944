import { assertEquals } from "@std/assert";
import { linesOf } from "../commands/program.ts";
import { endOf } from "../support/guard.ts";

for (const [signal, code] of [["SIGINT", 130], ["SIGQUIT", 131], ["SIGTERM", 143]] as const) {
  Deno.test({
    name: `the first ${signal} aborts what is at work, the second ends the process: ${code}`,
    ignore: Deno.build.os === "windows", // signals
    async fn() {
      const script = new URL("./program_signals.ts", import.meta.url).href;
      const child = new Deno.Command(Deno.execPath(), {
        args: ["run", "-q", "-A", "--no-check", script],
        stdin: "null",
        stdout: "piped",
        stderr: "null",
      }).spawn();
      const lines = linesOf(child.stdout);
      for (const word of ["ready", "aborted"]) {
        assertEquals((await lines.next()).value, word);
        child.kill(signal);
      }
      assertEquals((await endOf(child)).code, code);
      await lines.return(undefined);
    },
  });
}
