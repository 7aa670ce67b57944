/** `chatterbox unregister`: deletes an account. */
import { toPrintable } from "../lib/base/printable_text.ts";
import type { Command, Io } from "../lib/cli/command.ts";
import type { ExitCode } from "../lib/cli/exit_codes.ts";
import { EXIT } from "../lib/cli/exit_codes.ts";
import { reportFailure } from "../lib/cli/standard_streams.ts";
import { defineCommand, UsageError } from "../lib/cli/flags/command_definition.ts";
import { CLIENT_FLAGS } from "./support/client_options.ts";
import { listAccountCredentials, makeAccountRegistration, readClientLogin } from "./support/client_login.ts";
import { reportConnectFailure } from "./support/connect_failure_text.ts";
import type { ClientLogin } from "./support/client_login.ts";
import type { Credentials } from "../lib/client/session/credentials.ts";
import { connect } from "../lib/client/connection/connect.ts";
import { withLink } from "../lib/client/connection/with_link.ts";
import type { Link } from "../lib/client/connection/link.ts";
import { explainFailure, findFailureReply } from "../lib/client/session/failure_reply.ts";
import { formatAddress } from "../lib/net/address.ts";
import { confirm } from "../lib/tui/terminal/confirmation.ts";

export const command: Command = defineCommand({
  name: "unregister",
  summary: "Delete your account on a server; its name becomes free.",
  synopsis: "NAME",
  examples: [
    ["chatterbox unregister alice", "asks, then deletes the account alice"],
    ["chatterbox unregister alice --yes", "without asking"],
  ],
  operands: [{ sources: ["names"] }],
  flags: { yes: { type: "boolean", short: "y", help: "don't ask" }, ...CLIENT_FLAGS },
  notes: [
    "The name is free at once, and sessions under it are disconnected. The direct messages of the account can no longer " +
    "be read; its messages in rooms stay. The key stays on this machine (chatterbox key forget NAME removes it).",
  ],
  exitCodes: [
    ["0", "done"],
    ["64", "wrong usage"],
    ["67", "the name has no account"],
    ["68, 69", "server not found, not reachable, or without account registration"],
    ["75", "no answer"],
    ["76", "not an IRC server, or TLS on one side only"],
    ["77", "there is no key or passphrase of the name here, or it is wrong"],
    ["78", "bad configuration, or other users can read a secret file"],
    ["130", "you said no, or interrupted"],
    ["143", "terminated"],
  ],
}, async (flags, words, io) => {
  const [name, ...more] = words;
  if (name === undefined || more.length > 0) throw new UsageError("give one name");
  const found = await readClientLogin(io, { ...flags, name }, "use");
  if (found.kind === "failed") return found.code;
  const { access } = found;
  const where = formatAddress(access.address);
  const { credentials } = access.registration;
  if (credentials === undefined) {
    const text =
      `there is no key of ${name} for ${where} here; give --passphrase-file or --key-file, or import the key`;
    return reportFailure(io, EXIT.refused, toPrintable(text));
  }
  const question = toPrintable(`Delete the account ${name} on ${where}, and with it its direct messages?`);
  const ask = async () => {
    const code = flags.yes ? undefined : await confirm(io, question);
    return code === EXIT.ok ? undefined : code;
  };
  for (const each of await listAccountCredentials(access, credentials)) {
    const code = await unregister(access, each, ask, io);
    if (code !== undefined) return code;
  }
  return reportFailure(
    io,
    EXIT.refused,
    toPrintable(`wrong key or passphrase for ${name} on ${where}`),
  );
});

/**
 * Sends the request even if the server rejects `credentials`: its answer tells whether the account exists. Where it
 * accepts them, `ask` gives the exit code of a refusal first. Undefined: `credentials` are not those of the account.
 */
async function unregister(
  access: ClientLogin,
  credentials: Credentials,
  ask: () => Promise<ExitCode | undefined>,
  io: Io,
): Promise<ExitCode | undefined> {
  const { signal } = io;
  const { address, trust } = access;
  const registration = makeAccountRegistration(access, credentials);
  const connecting = connect({ address, trust, registration, signal });
  const outcome = await withLink(connecting, signal, async (link) => {
    const declined = link.session.accountStatus.kind === "logged_in" ? await ask() : undefined;
    return declined === undefined ? await requestUnregistration(link, access) : { code: declined, text: "" };
  });
  if (outcome.kind !== "done") return reportConnectFailure(io, outcome, access);
  if (outcome.value === undefined) return undefined;
  const { code, text } = outcome.value;
  if (text === "") return code; // declined
  if (code !== EXIT.ok) return reportFailure(io, code, toPrintable(text));
  access.keyring?.recordReleased();
  io.stdout.write(toPrintable(text) + "\n");
  return code;
}

/** Undefined: not logged in to the account. */
async function requestUnregistration(
  link: Link,
  { name, address }: ClientLogin,
): Promise<{ code: ExitCode; text: string } | undefined> {
  const where = formatAddress(address);
  const outcome = await link.request({ command: "UNREGISTER", params: [name] });
  if (outcome.kind !== "answered") {
    return {
      code: EXIT.tryAgain,
      text: `${where} did not answer; it is unknown whether ${name} is deleted; try again`,
    };
  }
  const { lines } = outcome;
  if (lines.some(({ command, params }) => command === "UNREGISTER" && params[0] === "SUCCESS")) {
    return { code: EXIT.ok, text: `${name} is free on ${where}` };
  }
  const failure = findFailureReply(lines);
  const words = failure === undefined ? "its answer is not understood" : explainFailure(failure);
  switch (failure?.params[1]) {
    case "NO_SUCH_ACCOUNT":
      return { code: EXIT.noUser, text: `the name ${name} has no account on ${where}` };
    case "NOT_AUTHENTICATED":
      return undefined;
    default:
      return { code: EXIT.unreachable, text: `${where} does not delete the account: ${words}` };
  }
}
