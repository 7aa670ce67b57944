/** `chatterbox front SOCKET INDEX`: a front of `chatterbox serve --fronts N`, which starts it; not in the help. */
import type { Command } from "../lib/cli/command.ts";
import { EXIT } from "../lib/cli/exit_codes.ts";
import { reportFailure } from "../lib/cli/standard_streams.ts";

const IGNORED = ["SIGHUP", "SIGINT", "SIGQUIT", "SIGTERM"] as const;

export const command: Command = {
  name: "front",
  summary: "A front of the server.",
  permissions: ["read", "write", "net", "sys:umask"],
  help: { name: "front", summary: "A front of the server.", flags: {}, examples: [], synopsis: "" },
  async run([socket, index], io) {
    if (socket === undefined || !/^\d{1,3}$/.test(index ?? "")) {
      return reportFailure(io, EXIT.usage, "front: only chatterbox serve --fronts starts this");
    }
    // Signals of the terminal and of a service manager reach all processes of a server: a front ends with its hub.
    for (const signal of IGNORED) io.onSignal(signal, () => {});
    const { runFront } = await import("../lib/front/front_run.ts");
    const why = await runFront(socket, Number(index));
    return why === undefined
      ? EXIT.ok
      : reportFailure(io, EXIT.ioError, `front ${Number(index) + 1}: ${why}`);
  },
};
