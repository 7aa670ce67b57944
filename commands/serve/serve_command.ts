/** Flags and help of `serve`, for the process that is started and for the hub that it may start. */
import type { Command, Io } from "../../lib/cli/command.ts";
import { EXIT } from "../../lib/cli/exit_codes.ts";
import { reportFailure } from "../../lib/cli/standard_streams.ts";
import { defineCommand, UsageError } from "../../lib/cli/flags/command_definition.ts";
import type { CommandDefinition } from "../../lib/cli/flags/command_definition.ts";
import { SERVE_FLAGS } from "../../lib/server/settings/serve_flags.ts";
import { resolveServeSettings } from "../../lib/server/settings/settings.ts";
import type { ServeSettings } from "../../lib/server/settings/settings.ts";
import { HUB_PERMISSIONS } from "./hub_permissions.ts";

const USAGE = {
  name: "serve",
  summary: "Run the server: chatterbox clients and all IRC clients can connect.",
  permissions: [...HUB_PERMISSIONS, "run"],
  synopsis: "[FLAGS]",
  examples: [
    ["chatterbox serve", "for this machine: IRC on 127.0.0.1:6667, HTTP on 127.0.0.1:6680"],
    ["chatterbox serve </dev/null &", "in the background of a shell"],
    [
      "chatterbox serve --tls 0.0.0.0 --tls-self-signed --password-file pw",
      "for a network: encrypted, with a password",
    ],
    [
      "chatterbox serve --tls 0.0.0.0 --tls-cert cert.pem --tls-key key.pem",
      "with your own certificate",
    ],
    [
      "chatterbox serve --tls 0.0.0.0 --web https://0.0.0.0:443 --tls-self-signed",
      "for browsers of a network, too",
    ],
    [
      "chatterbox serve --buffer 64MiB --sync always",
      "more history; every message is on disk before it is acknowledged",
    ],
    ["chatterbox serve --shm", "with the history in memory that logs --local and send --local use"],
    ["chatterbox serve --fronts 2", "client connections in two further processes, which outlive the hub"],
  ],
  flags: SERVE_FLAGS,
  notes: [
    "--flood-rate counts tokens: a line, a WebSocket frame or a read without a whole line costs one, and a line of " +
    "more than 512 bytes one for each 512. A millisecond of the server's time costs the tokens of 200 ms. Nothing is " +
    "lost: input beyond the rate is read later. Before registration the rate is 100/30s.",
    "A trusted proxy names the client of each connection: by a PROXY header (version 1 or 2) before IRC or TLS, on " +
    "--web addresses by X-Forwarded-For or Forwarded. The client's address counts for limits, bans, cloaks and " +
    "--exempt.",
    "--shm keeps the ring in a segment of shared memory, /dev/shm/chatterbox-…, named after the data folder and " +
    "accessible to the server's user alone. It takes its whole size from the start, is removed when the server stops, " +
    "and after a crash taken over by the next one. A second segment, …-inbox, takes lines of clients on this machine.",
    "Signals: SIGINT and SIGTERM shut the server down: users are notified, history is saved, exit code 0; a second " +
    "signal stops it at once. SIGHUP reloads the password, the message of the day, the certificate and the file of " +
    "--config, of which it takes over what can change at run time (docs/administration.md). With --fronts, SIGUSR2 " +
    "restarts the hub from the program on disk.",
    "Commands: at a terminal the server has a prompt, where help lists them. Without a terminal, use chatterbox " +
    "admin; on IRC, operators use OperServ.",
    "Operators: register the account first (chatterbox register alice, or register alice at the server's prompt), " +
    "then start with --oper alice, or type oper alice at the prompt. While there is no account alice, --oper alice " +
    "has no effect, and the name cannot be registered over the network.",
  ],
  exitCodes: [
    ["0", "stopped"],
    ["64", "wrong usage"],
    [
      "73",
      "an address, the data folder or /dev/shm cannot be used, another server uses it, or a process of --fronts cannot " +
      "be started",
    ],
    [
      "74",
      "a file cannot be read, the database is missing or not that of the history, the history is larger than " +
      "--buffer, or not all of it was saved",
    ],
    [
      "78",
      "bad configuration, --shm is not possible here, sockets of systemd that do not fit, or a secret file that is " +
      "missing or not private",
    ],
  ],
} as const satisfies CommandDefinition<typeof SERVE_FLAGS>;

/** The sockets that a service manager has passed take the place of addresses; their code is loaded only then. */
async function withPassedSockets(
  settings: ServeSettings,
  { env }: Pick<Io, "env">,
): Promise<ServeSettings | { why: string }> {
  if (env("LISTEN_FDS") === undefined) return settings;
  const { usePassedSockets } = await import("../../lib/server/listen/passed_sockets.ts");
  return usePassedSockets(settings, env, Deno.pid);
}

type RunServe = (settings: ServeSettings, args: readonly string[], io: Io) => Promise<number>;

/** `serve`, run by `run`, which gets the settings and the arguments that they come from. */
export function serveCommand(run: RunServe): Command {
  const define = (args: readonly string[]) =>
    defineCommand(USAGE, async (flags, words, io) => {
      if (words[0] !== undefined) {
        throw new UsageError(`unexpected argument ${words[0]}: serve takes flags only`);
      }
      const outcome = await resolveServeSettings(flags, io.env);
      if (outcome.kind !== "ok" || !outcome.settings.shm) io.revoke(["ffi"]);
      if (outcome.kind !== "ok" || outcome.settings.fronts === 0) io.revoke(["run"]);
      if (outcome.kind === "ok") {
        const settings = await withPassedSockets(outcome.settings, io);
        return "why" in settings
          ? reportFailure(io, EXIT.badConfig, settings.why)
          : await run(settings, args, io);
      }
      return reportFailure(io, outcome.kind === "usage" ? EXIT.usage : EXIT.badConfig, outcome.why);
    });
  return { ...define([]), run: (args, io) => define(args).run(args, io) };
}
