/** `chatterbox doctor`: what is wrong on this machine or with the server, and what to do. */
import type { Command, Io } from "../lib/cli/command.ts";
import { EXIT, exitCodeForSignal } from "../lib/cli/exit_codes.ts";
import { loadClientSettings } from "../lib/cli/files/client_settings.ts";
import { defineCommand, UsageError } from "../lib/cli/flags/command_definition.ts";
import { helpColumns } from "../lib/cli/flags/help_layout.ts";
import type { Address } from "../lib/net/address.ts";
import type { ServerCertificate } from "../lib/net/tls/server_certificate.ts";
import { checkConfigFile, checkFolders, checkOutbox, checkTerminal } from "./doctor/local_checks.ts";
import { exitCodeOf, failed, formatFinding, formatFindingJson, ok } from "./doctor/finding.ts";
import type { Finding } from "./doctor/finding.ts";
import { checkServer } from "./doctor/server_checks.ts";
import { withStderr } from "./support/quiet_io.ts";
import { readClientLogin } from "./support/client_login.ts";
import type { ClientLogin } from "./support/client_login.ts";
import { CLIENT_FLAGS, NO_NAME, readServerAndName } from "./support/client_options.ts";
import type { ClientFlags } from "./support/client_options.ts";

export const command: Command = defineCommand({
  name: "doctor",
  summary: "Check configuration, server, key and terminal; say what is wrong and what to do.",
  synopsis: "[FLAGS]",
  examples: [
    ["chatterbox doctor", "check everything for the configured server"],
    ["chatterbox doctor --server ircs://irc.example.net", "for another server"],
    ["chatterbox doctor --json", "for programs: one object per line"],
  ],
  flags: {
    json: { type: "boolean", help: "print one JSON object per line: check, status, text" },
    name: {
      type: "string",
      value: "NAME",
      help: "check the key of this name; also CHATTERBOX_NAME (default: login name)",
    },
    ...CLIENT_FLAGS,
  },
  notes: [
    "Each line is one check, folded at a terminal: ok, warning or FAILED, what is checked, and what was found. Nothing is created, claimed, " +
    "registered or remembered, and no secret is shown. The key is tried by a login of an observer, which " +
    "other users do not see; a wrong one counts as a failed login.",
    "The exit code is 0 where no check failed, warnings or not; otherwise it is that of the first check that failed, " +
    "the one with which other commands end for the same reason.",
  ],
  exitCodes: [
    ["0", "no check failed"],
    ["64", "wrong usage"],
    ["68, 69", "server not found, or not reachable"],
    ["74", "the outbox cannot be read"],
    ["75", "timed out"],
    ["76", "not an IRC server, or TLS on one side only"],
    ["77", "refused: certificate, password or key"],
    ["78", "bad configuration, or permissions that let other users in"],
    ["130, 143", "interrupted"],
  ],
}, async (flags, words, io) => {
  if (words.length > 0) throw new UsageError("doctor takes flags only");
  const findings: Finding[] = [];
  const tell = (found: readonly Finding[]) => {
    const columns = io.stdout.isTerminal ? helpColumns(io.stdout) : undefined;
    for (const each of found) {
      io.stdout.write(flags.json ? formatFindingJson(each) : formatFinding(each, columns));
    }
    findings.push(...found);
  };
  tell([await checkConfig(io, flags), ...checkFolders(io)]);
  const { found, address } = await checkConnection(io, flags);
  tell(found);
  const isUsual = flags.server === undefined && flags.profile === undefined;
  tell([...checkOutbox(io, isUsual ? address : undefined), ...checkTerminal(io)]);
  return io.signal.aborted ? exitCodeForSignal(io.signal) : exitCodeOf(findings);
});

async function checkConfig(io: Io, flags: ClientFlags): Promise<Finding> {
  const given = {
    profile: flags.profile,
    passwordFile: flags["password-file"],
  };
  const read = await loadClientSettings(given, io.env, io.systemName);
  if (read.kind === "ok") return checkConfigFile(io, undefined);
  if (read.isUsage) throw new UsageError(`${read.path}: ${read.why}`);
  return checkConfigFile(io, `${read.path}: ${read.why}`);
}

interface ConnectionFindings {
  readonly found: Finding[];
  /** Undefined: no server is known. */
  readonly address?: Address;
}

/** The server and the key, as far as they can be checked. */
async function checkConnection(io: Io, flags: ClientFlags): Promise<ConnectionFindings> {
  let certificate: ServerCertificate | undefined;
  const trustOptions = {
    isReadOnly: true,
    onCertificate: (shown: ServerCertificate) => void (certificate = shown),
  };
  const told: string[] = [];
  const quiet = withStderr(io, (text) => void told.push(text.trim().replace(/^chatterbox: /, "")));
  const found = await readServerAndName(quiet, flags, false, trustOptions);
  if (found.kind === "failed") return { found: [failed("server", found.code, told.join(" "))] };
  const { address, servers, name, isNameExplicit, password, trust, questions } = found.person;
  told.length = 0;
  const login = name === NO_NAME ? undefined : await readClientLogin(quiet, flags, "observe");
  const isOk = login?.kind === "ok";
  const registration = isOk ? login.access.registration : { nick: name, password, servers };
  const access: ClientLogin = {
    ...isOk ? login.access : { address, name, isNameExplicit },
    trust,
    registration: { ...registration, questions },
  };
  const keyFault = login === undefined
    ? ok("key", "no name is given, so no key is checked: give --name NAME")
    : login.kind === "failed" || told.length > 0
    ? failed("key", login.kind === "failed" ? login.code : EXIT.badConfig, told.join(" "))
    : undefined;
  return { found: await checkServer({ access, io, certificate: () => certificate, keyFault }), address };
}
