/** `chatterbox hub START FLAGS`: the hub of `chatterbox serve --fronts N`, which starts it; not in the help. */
import type { Command } from "../lib/cli/command.ts";
import { EXIT } from "../lib/cli/exit_codes.ts";
import { reportFailure } from "../lib/cli/standard_streams.ts";
import { parseHubStart } from "../lib/server/keeper/keeper_protocol.ts";
import { HUB_PERMISSIONS } from "./serve/hub_permissions.ts";
import { runServer } from "./serve/run_server.ts";
import { serveCommand } from "./serve/serve_command.ts";
// What the server loads with fronts alone: a hub that takes over has it before it opens the log.
import "../lib/hub/handover/handover.ts";
import "./serve/fronts.ts";

const SUMMARY = "The hub of the server.";

export const command: Command = {
  name: "hub",
  summary: SUMMARY,
  permissions: HUB_PERMISSIONS,
  help: { name: "hub", summary: SUMMARY, flags: {}, examples: [], synopsis: "" },
  async run([start = "", ...args], io) {
    const hub = parseHubStart(start);
    if (hub === undefined) {
      const words = "hub: only chatterbox serve --fronts of the same version of its keeper starts this";
      return reportFailure(io, EXIT.usage, words);
    }
    const { fronts } = hub;
    return await serveCommand(async (settings, _, io) => {
      const { cluster } = settings;
      if (cluster === undefined) return await runServer({ ...settings, fronts }, io, hub);
      const { runNode } = await import("./serve/cluster/run_node.ts");
      return await runNode({ ...settings, fronts, cluster }, io, hub);
    }).run(args, io);
  },
};
