/** `chatterbox config`: checks the configuration file of a server, and prints an example and a schema of it. */
import { assert } from "../lib/base/assert.ts";
import { toPrintable } from "../lib/base/printable_text.ts";
import type { Command, Io } from "../lib/cli/command.ts";
import { EXIT } from "../lib/cli/exit_codes.ts";
import type { ExitCode } from "../lib/cli/exit_codes.ts";
import { defineCommand, UsageError } from "../lib/cli/flags/command_definition.ts";
import { parseFlags } from "../lib/cli/flags/flags.ts";
import { readCertificate } from "../lib/server/listen/certificate.ts";
import { byLine, configFaultText, readConfig } from "../lib/server/settings/config_file.ts";
import type { ConfigFault, ConfigSettings } from "../lib/server/settings/config_file.ts";
import { configExample, configSchema } from "../lib/server/settings/config_schema.ts";
import { CLUSTER_FILE_SETTINGS, findUnusable } from "../lib/server/settings/cluster_files.ts";
import { readReloadableFiles } from "../lib/server/settings/reloadable_files.ts";
import { SERVE_FLAGS } from "../lib/server/settings/serve_flags.ts";
import type { ServeFlags } from "../lib/server/settings/serve_flags.ts";
import { resolveFlags } from "../lib/server/settings/settings.ts";

const ACTIONS = ["check", "example", "schema"] as const;
/** Where the packaged unit reads the file (packaging/systemd/). */
const DEFAULT_FILE = "/etc/chatterbox/serve.json";

export const command: Command = defineCommand({
  name: "config",
  summary: "Check the configuration file of a server; print an example of it, or its schema.",
  permissions: ["read", "net"],
  synopsis: ["check [FILE]", "example [--cluster]", "schema"],
  examples: [
    [
      "chatterbox config example > serve.json",
      "a file to begin with; then: chatterbox serve --config serve.json",
    ],
    ["chatterbox config check serve.json", "each fault with its line and what to do"],
    ["chatterbox config schema > serve.schema.json", "for editors: they complete and check what you type"],
  ],
  operands: [{ words: ACTIONS }, { sources: ["files"] }],
  flags: {
    cluster: { type: "boolean", help: "example: of a node of a cluster (docs/cluster.md)" },
    schema: {
      type: "string",
      value: "PATH",
      help: "example: where its schema is (default ./serve.schema.json)",
    },
  },
  notes: [
    "The file is JSON; its keys are the long flags of serve, and a flag that may be repeated takes a list. Flags of the " +
    "command line win over it.",
    `check reads FILE (default ${DEFAULT_FILE}), and the files of passwords, message of the day and certificates that ` +
    "it names: run it as the user of the server. A server that starts checks the same.",
  ],
  exitCodes: [["0", "no fault"], ["64", "wrong usage"], ["78", "the file has faults, or cannot be read"]],
}, async ({ cluster, schema }, words, io) => {
  const [action, file, ...rest] = words;
  const known = ACTIONS.find((each) => each === action);
  if (known === undefined) throw new UsageError(`which of ${ACTIONS.join(", ")}?`);
  if (rest.length > 0 || (file !== undefined && known !== "check")) {
    throw new UsageError(`unexpected argument ${rest[0] ?? file}`);
  }
  if (schema !== undefined && known !== "example") throw new UsageError("--schema is for example");
  if (cluster && known !== "example") throw new UsageError("--cluster is for example");
  if (known === "check") return await check(file ?? DEFAULT_FILE, io);
  io.revoke(["read", "net"]);
  io.stdout.write(
    known === "example" ? configExample(cluster, schema) : `${JSON.stringify(configSchema(), null, 2)}\n`,
  );
  return EXIT.ok;
});

async function check(file: string, io: Io): Promise<ExitCode> {
  const faults = await findFaults(file);
  for (const fault of faults) io.stderr.write(`${toPrintable(`${file}: ${configFaultText(fault)}`)}\n`);
  if (faults.length > 0) return EXIT.badConfig;
  io.stdout.write(`${toPrintable(file)}: no fault\n`);
  return EXIT.ok;
}

/** What keeps a server from starting with `file`: in it, between its settings, in files that it names. */
async function findFaults(file: string): Promise<readonly ConfigFault[]> {
  const read = await readConfig(file);
  const faults = read.kind === "bad" ? read.faults : [];
  const settings = read.kind === "bad" ? read.others : read;
  if (settings === undefined) return faults;
  const others = [...findSettingFaults(settings, faults.length === 0), ...await findFileFaults(settings)];
  return [...faults, ...others].sort(byLine);
}

/**
 * What is wrong with settings that can be read, one after the other. A fault between several of them is one only where
 * none is missing: `isWhole`.
 */
function* findSettingFaults({ flags, lines }: ConfigSettings, isWhole: boolean): Generator<ConfigFault> {
  const unchecked = new Set(lines.keys());
  for (let rest = flags;;) {
    // Neither the data folder nor the name of this machine is used.
    const settings = resolveFlags(rest, (name) => name === "HOME" ? "/" : undefined, () => "machine");
    if (!("why" in settings)) return;
    const named = new Set(Array.from(settings.why.matchAll(/--([a-z-]+)/g), ([, name = ""]) => name));
    const set = [...named].find((name) => unchecked.has(name));
    const line = set === undefined ? undefined : lines.get(set);
    if (isWhole || named.size === 1) yield { line, why: settings.why.replace(/^--/, "") };
    if (set === undefined) return;
    unchecked.delete(set);
    rest = withoutSetting(rest, set);
    isWhole = false;
  }
}

function withoutSetting(flags: ServeFlags, name: string): ServeFlags {
  const defaults = parseFlags(SERVE_FLAGS, []);
  assert(defaults.kind === "ok", "no flag is needed");
  const { [name as keyof ServeFlags]: _, ...others } = flags;
  return { ...defaults.flags, ...others };
}

async function findFileFaults({ flags, lines }: ConfigSettings): Promise<ConfigFault[]> {
  const { "tls-cert": cert, "tls-key": key } = flags;
  const outcomes = [
    [["password-file"], await readReloadableFiles(flags["password-file"], undefined)],
    [["motd-file"], await readReloadableFiles(undefined, flags["motd-file"])],
    [
      ["tls-cert", "tls-key"],
      cert === undefined || key === undefined ? undefined : await readCertificate({ cert, key }),
    ],
    ...await Promise.all(CLUSTER_FILE_SETTINGS.map(async (name) => {
      const path = flags[name];
      return [[name], path === undefined ? undefined : await findUnusable(name, path)] as const;
    })),
  ] as const;
  return outcomes.flatMap(([names, outcome]) => {
    if (outcome === undefined || !("why" in outcome)) return [];
    const { path, why } = outcome;
    const name = names.find((each) => flags[each] === path);
    return [{ line: name && lines.get(name), why: `${name ?? "file"}: ${path}: ${why}` }];
  });
}
