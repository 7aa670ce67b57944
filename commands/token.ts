/** `chatterbox token`: the tokens of an account, for scripts that use the HTTP API of its server. */
import { toPrintable } from "../lib/base/printable_text.ts";
import { parseDuration } from "../lib/base/values/duration.ts";
import type { Command, Io } from "../lib/cli/command.ts";
import { EXIT } from "../lib/cli/exit_codes.ts";
import type { ExitCode } from "../lib/cli/exit_codes.ts";
import { defineCommand, UsageError } from "../lib/cli/flags/command_definition.ts";
import { loadPalette, reportFailure, wantsColor, warnOfReaders } from "../lib/cli/standard_streams.ts";
import { createToken, listTokens, revokeToken } from "../lib/client/accounts/account_tokens.ts";
import type { TokenOutcome, TokenWish } from "../lib/client/accounts/account_tokens.ts";
import { connect } from "../lib/client/connection/connect.ts";
import type { Link } from "../lib/client/connection/link.ts";
import { withLink } from "../lib/client/connection/with_link.ts";
import type { Credentials } from "../lib/client/session/credentials.ts";
import { formatTokenScopes, parseTokenScopes } from "../lib/irc/token_scopes.ts";
import { formatAddress } from "../lib/net/address.ts";
import { listAccountCredentials, makeAccountRegistration, readClientLogin } from "./support/client_login.ts";
import type { ClientLogin } from "./support/client_login.ts";
import { CLIENT_FLAGS } from "./support/client_options.ts";
import type { ClientFlags } from "./support/client_options.ts";
import { reportConnectFailure } from "./support/connect_failure_text.ts";
import { describeNewToken, formatNewTokenJson, formatTokens, formatTokensJson } from "./token/token_text.ts";

const NEVER = "never";
const SCOPES_TEXT = "send:#room, send:nick, send:*, read:#room, read:*, people or metrics";

export const command: Command = defineCommand({
  name: "token",
  summary: "Make, list and revoke tokens, by which scripts use the server's HTTP API.",
  synopsis: ["create --scope SCOPE [FLAGS]", "list [FLAGS]", "revoke ID [FLAGS]"],
  examples: [
    ["chatterbox token create --name ci --scope send:#ops", "may send to #ops; the secret is printed, once"],
    ["chatterbox token create --scope read:#ops --scope people --ttl 7d", "two scopes, for a week"],
    ["(umask 077; chatterbox token create --scope people > token)", "in a file that no other user can read"],
    ["chatterbox token list", "the tokens in force, and what each may do"],
    ["chatterbox token revoke 1f0a9c3e", "end a token at once"],
  ],
  operands: [{ words: ["create", "list", "revoke"] }],
  flags: {
    scope: {
      type: "string",
      repeatable: true,
      value: "SCOPE",
      help: `create: what it may do: ${SCOPES_TEXT}`,
    },
    ttl: {
      type: "string",
      value: "TIME",
      default: "90d",
      help: "create: when it expires: 12h, 90d or never",
    },
    label: { type: "string", value: "TEXT", help: "create: what it is for, shown by list" },
    account: {
      type: "string",
      value: "NAME",
      completes: { sources: ["people"] },
      help: "list: of this account, for operators of the server",
    },
    json: { type: "boolean", help: "create, list: print one JSON object per line" },
    utc: { type: "boolean", help: "times in UTC" },
    name: {
      type: "string",
      value: "NAME",
      completes: { sources: ["names"] },
      help: "the account; also CHATTERBOX_NAME (default: login name)",
    },
    ...CLIENT_FLAGS,
  },
  notes: [
    "A token acts as the account that made it, within its scopes, and never has more rights than the account. create " +
    "prints the secret alone on standard output and what it may do on standard error. The server keeps a hash of it: " +
    "a lost secret cannot be shown again. Keep it as safe as a password.",
  ],
  exitCodes: [
    ["0", "done"],
    ["64", "wrong usage"],
    ["67", "there is no such token, or no such account"],
    ["68, 69", "server not found, not reachable, or without tokens"],
    ["75", "no answer, or not possible at present"],
    ["76", "not an IRC server, or TLS on one side only"],
    ["77", "refused, or there is no key or passphrase of the name here"],
    ["78", "bad configuration, or other users can read a secret file"],
    ["130, 143", "interrupted"],
  ],
}, async (flags, words, io) => {
  const action = readAction(flags, words);
  const found = await readClientLogin(io, flags, "use");
  return found.kind === "failed" ? found.code : await runLoggedIn(found.access, action, io);
});

interface TokenFlags extends ClientFlags {
  readonly scope: readonly string[];
  readonly ttl: string;
  readonly label: string | undefined;
  readonly account: string | undefined;
  readonly json: boolean;
  readonly utc: boolean;
  readonly "no-color": boolean;
}

/** What to do once logged in to the account. */
type Action = (link: Link, access: ClientLogin, io: Io) => Promise<ExitCode>;

/** Throws {@link UsageError}. */
function readAction(flags: TokenFlags, [action = "", ...words]: readonly string[]): Action {
  const unexpected = words[action === "revoke" ? 1 : 0];
  if (unexpected !== undefined) throw new UsageError(`unexpected argument ${unexpected}`);
  if (action !== "create" && (flags.scope.length > 0 || flags.label !== undefined)) {
    throw new UsageError("--scope and --label are for create");
  }
  if (action !== "list" && flags.account !== undefined) throw new UsageError("--account is for list");
  switch (action) {
    case "create":
      return readCreation(flags);
    case "list":
      return (link, access, io) => list(link, access, flags, io);
    case "revoke": {
      const [id] = words;
      if (id === undefined) throw new UsageError("give the id of the token; chatterbox token list shows it");
      return (link, access, io) => revoke(link, access, id, io);
    }
    default: {
      const what = action === "" ? "no action given" : `unknown action ${action}`;
      throw new UsageError(`${what}; the actions are create, list, revoke`);
    }
  }
}

/** Throws {@link UsageError}. */
function readCreation(flags: TokenFlags): Action {
  if (flags.scope.length === 0) throw new UsageError(`give --scope: ${SCOPES_TEXT}`);
  const parsed = parseTokenScopes(flags.scope.join(","));
  switch (parsed.kind) {
    case "invalid":
      throw new UsageError(`--scope ${parsed.scope}: not ${SCOPES_TEXT}`);
    case "too_many":
      throw new UsageError("too many scopes for one token: make another one for the rest");
    case "ok": {
      const { label = "" } = flags;
      const wish = { time: readTtl(flags.ttl), scopes: formatTokenScopes(parsed.scopes), label };
      return (link, access, io) => create(link, access, wish, flags, io);
    }
  }
}

/** `--ttl` as the server takes it; throws {@link UsageError}. */
function readTtl(text: string): string {
  if (text === NEVER) return "*";
  if (parseDuration(text)) return text;
  throw new UsageError(`--ttl ${text}: not a time such as 12h or 90d, or never`);
}

/** Logs in with the key or passphrase of the account, or with a key that an interrupted change has left. */
async function runLoggedIn(access: ClientLogin, action: Action, io: Io): Promise<ExitCode> {
  const { credentials } = access.registration;
  const where = formatAddress(access.address);
  if (credentials === undefined) {
    const text = `there is no key of ${access.name} for ${where} here; ` +
      "give --passphrase-file or --key-file, or import the key";
    return reportFailure(io, EXIT.refused, toPrintable(text));
  }
  for (const each of await listAccountCredentials(access, credentials)) {
    const code = await tryLogin(access, each, action, io);
    if (code !== undefined) return code;
  }
  return reportFailure(
    io,
    EXIT.refused,
    toPrintable(`wrong key or passphrase for ${access.name} on ${where}`),
  );
}

/** Undefined: `credentials` are not those of the account. */
async function tryLogin(
  access: ClientLogin,
  credentials: Credentials,
  action: Action,
  io: Io,
): Promise<ExitCode | undefined> {
  const { signal } = io;
  const { address, trust } = access;
  const registration = makeAccountRegistration(access, credentials);
  const connecting = connect({ address, trust, registration, signal });
  const outcome = await withLink(
    connecting,
    signal,
    async (link) =>
      link.session.accountStatus.kind === "logged_in" ? await action(link, access, io) : undefined,
  );
  return outcome.kind === "done" ? outcome.value : reportConnectFailure(io, outcome, access);
}

async function create(
  link: Link,
  access: ClientLogin,
  wish: TokenWish,
  { json, utc }: TokenFlags,
  io: Io,
): Promise<ExitCode> {
  const where = formatAddress(access.address);
  if (!link.isPrivate) {
    const text = `the connection to ${where} is not encrypted; use ircs://, or the machine of the server`;
    return reportFailure(io, EXIT.refused, toPrintable(text));
  }
  const outcome = await createToken(link, wish);
  if (outcome.kind !== "done") return reportNotDone(outcome, access, io);
  const token = outcome.value;
  if (json) io.stdout.write(formatNewTokenJson(token, access.name));
  else {
    io.stderr.write(`chatterbox: ${describeNewToken(token, access.name, utc)}\n`);
    io.stdout.write(`${toPrintable(token.secret)}\n`);
  }
  warnOfReaders(io, "the token");
  return EXIT.ok;
}

async function list(link: Link, access: ClientLogin, flags: TokenFlags, io: Io): Promise<ExitCode> {
  const outcome = await listTokens(link, flags.account);
  if (outcome.kind !== "done") return reportNotDone(outcome, access, io);
  const tokens = outcome.value;
  const palette = loadPalette(wantsColor(io.stdout, io.env, flags["no-color"]));
  if (flags.json) io.stdout.write(formatTokensJson(tokens));
  else if (tokens.length > 0) io.stdout.write(await formatTokens(tokens, palette, flags.utc));
  else {
    const text = `${flags.account ?? access.name} has no tokens on ${formatAddress(access.address)}`;
    io.stderr.write(`chatterbox: ${toPrintable(text)}\n`);
  }
  return EXIT.ok;
}

async function revoke(link: Link, access: ClientLogin, id: string, io: Io): Promise<ExitCode> {
  const outcome = await revokeToken(link, id);
  if (outcome.kind !== "done") return reportNotDone(outcome, access, io);
  io.stdout.write(toPrintable(`token ${outcome.value} is revoked`) + "\n");
  return EXIT.ok;
}

function reportNotDone(
  outcome: Exclude<TokenOutcome<unknown>, { kind: "done" }>,
  { address }: ClientLogin,
  io: Io,
): ExitCode {
  const where = formatAddress(address);
  const report = (code: ExitCode, text: string) => reportFailure(io, code, toPrintable(text));
  switch (outcome.kind) {
    case "unsupported":
      return report(
        EXIT.unreachable,
        `${where} has no tokens: it is another kind of server, or an older one`,
      );
    case "not_found":
      return report(EXIT.noUser, `${where}: ${outcome.text}`);
    case "refused":
      return report(EXIT.refused, `${where} refuses: ${outcome.text}`);
    case "try_again":
      return report(EXIT.tryAgain, `${where}: ${outcome.text}`);
    case "silent":
      return report(EXIT.tryAgain, `${where} did not answer; chatterbox token list shows what there is`);
  }
}
