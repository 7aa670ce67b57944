/** `chatterbox key`: the keys on this machine. */
import { toPrintable } from "../lib/base/printable_text.ts";
import type { Command, Io } from "../lib/cli/command.ts";
import type { ExitCode } from "../lib/cli/exit_codes.ts";
import { EXIT } from "../lib/cli/exit_codes.ts";
import { reportFailure, warnOfReaders } from "../lib/cli/standard_streams.ts";
import { configDir, NO_CONFIG_DIR_TEXT } from "../lib/cli/files/user_dirs.ts";
import { describeSecretPath, readSecret } from "../lib/cli/files/secret_file.ts";
import { defineCommand, NETWORK_PERMISSIONS, UsageError } from "../lib/cli/flags/command_definition.ts";
import type { ShareFlags } from "./key/share.ts";
import { reportStored } from "./key/stored_key_report.ts";
import { CLIENT_FLAGS, readServerAndName } from "./support/client_options.ts";
import type { ServerAndName } from "./support/client_options.ts";
import {
  fingerprint,
  isKey,
  listKeys,
  readKey,
  readOrCreateKey,
  removeKey,
  storeKey,
} from "../lib/client/identity/key_file.ts";
import { findOrCreateKey, lockKey, removeNextKeys } from "../lib/client/identity/next_key.ts";
import { formatAddress } from "../lib/net/address.ts";
import { writeNewFile } from "../lib/store/disk/atomic_file.ts";
import { askSecret } from "../lib/tui/terminal/prompt.ts";
import { confirm } from "../lib/tui/terminal/confirmation.ts";
import { createTerminal } from "../lib/tui/terminal/terminal.ts";

/** For the actions that connect to the server: share, and import with a code. */
const { server: _server, "passphrase-file": _passphrase, ...CONNECTION_FLAGS } = CLIENT_FLAGS;

const ACTIONS = { show, export: exportKey, import: importKey, share, forget, list } as const;

export const command: Command = defineCommand({
  name: "key",
  summary: "Show the keys of your names, and copy them between machines.",
  synopsis: [
    "show [NAME]",
    "share [NAME]",
    "export [NAME] [FILE]",
    "import NAME [FILE | --code=CODE]",
    "forget NAME",
    "list",
  ],
  examples: [
    ["chatterbox key show alice", "where the key of alice is, and its fingerprint"],
    ["chatterbox key share alice", "a one-time code, to add a browser or another machine"],
    ["chatterbox key import alice --code=-", "there: ask for the code, and use the key"],
    ["chatterbox key export alice alice.key", "copy it to a file, for another machine"],
    ["chatterbox key import alice alice.key", "there: use the key"],
    ["chatterbox key export alice | ssh laptop chatterbox key import alice", "both at once, without a file"],
    ["chatterbox key forget alice", "remove it from this machine"],
  ],
  operands: [{ words: Object.keys(ACTIONS) }, { sources: ["names"] }, { sources: ["files"] }],
  flags: {
    server: {
      type: "string",
      value: "URL",
      help: "server that the key is for; also CHATTERBOX_SERVER (default irc://127.0.0.1:6667)",
    },
    code: {
      type: "string",
      value: "CODE",
      help: "import: fetch the key with a code of share; - asks for it, or reads standard input",
    },
    qr: { type: "boolean", help: "share: a QR code also of an address of this machine alone" },
    "no-qr": { type: "boolean", help: "share: print no QR code" },
    secret: { type: "boolean", help: "show the key itself, even on a terminal" },
    force: { type: "boolean", help: "import: replace another key" },
    yes: { type: "boolean", short: "y", help: "forget: don't ask" },
    ...CONNECTION_FLAGS,
  },
  notes: [
    "The first join or send under a name makes a key for it, one per server. Anyone who has the key can use the name " +
    "there: keep copies as safe as passwords. FILE may be - for standard output or input. A machine that keeps no " +
    "files takes what export prints as CHATTERBOX_KEY, or with --key-file.",
    "share leaves the key at the server, encrypted with the code, which the server does not learn: for 10 minutes, and " +
    "for one fetch. It waits until then, and says which address has fetched it. Interrupted, it withdraws the code.",
  ],
  exitCodes: [
    ["0", "done; share: the key was fetched"],
    ["64", "wrong usage"],
    ["65", "not a key"],
    ["67", "no such key"],
    ["68, 69", "share, import --code: server not found, not reachable, or does not pass keys on"],
    ["73", "the file, or another key, exists already"],
    ["74", "a file cannot be read or written"],
    ["75", "another process is changing the key; share: not fetched in time, or connection lost"],
    ["76", "not an IRC server, or TLS on one side only"],
    ["77", "share: the server does not take the key; import: the code is wrong, used or expired"],
    ["78", "bad configuration, or other users can read the file of a key"],
    ["130", "you said no, or interrupted"],
    ["143", "terminated"],
  ],
}, async (flags, words, io) => {
  const [action = "", ...rest] = words;
  if (!Object.hasOwn(ACTIONS, action)) {
    const what = action === "" ? "no action given" : `unknown action ${action}`;
    throw new UsageError(`${what}; the actions are ${Object.keys(ACTIONS).join(", ")}`);
  }
  if (flags.code !== undefined && action !== "import") throw new UsageError("--code is for import");
  if (action !== "share" && flags.code === undefined) io.revoke(NETWORK_PERMISSIONS);
  const dir = configDir(io.env);
  if (dir === undefined) return reportFailure(io, EXIT.badConfig, NO_CONFIG_DIR_TEXT);
  return await ACTIONS[action as keyof typeof ACTIONS]({ ...flags, words: rest, dir, flags }, io);
});

interface KeyRequest {
  readonly words: readonly string[];
  /** The configuration folder. */
  readonly dir: string;
  readonly secret: boolean;
  readonly force: boolean;
  readonly yes: boolean;
  readonly code: string | undefined;
  /** For an action that connects to the server. */
  readonly flags: ShareFlags;
}

type StoredKeyAction = (owner: ServerAndName) => Promise<ExitCode>;

/** Runs `then` for the name in the first of at most `count` words. */
async function withName(
  request: KeyRequest,
  count: number,
  needed: boolean,
  io: Io,
  then: StoredKeyAction,
): Promise<ExitCode> {
  const [name] = request.words;
  if (request.words.length > count) throw new UsageError(`unexpected argument ${request.words[count]}`);
  if (needed && name === undefined) throw new UsageError("no name given");
  const found = await readServerAndName(io, { ...request.flags, name });
  return found.kind === "failed" ? found.code : await then(found.person);
}

function show(request: KeyRequest, io: Io): Promise<ExitCode> {
  return withName(request, 1, false, io, async (owner) => {
    const found = await readStoredKey(request, owner, io);
    if (found.kind === "failed") return found.code;
    const lines = [
      `${owner.name} on ${formatAddress(owner.address)}`,
      `fingerprint ${await fingerprint(found.key)}`,
      `in ${found.path}`,
      ...request.secret ? [`key ${found.key}`] : [],
    ];
    io.stdout.write(lines.map((line) => `${toPrintable(line)}\n`).join(""));
    if (request.secret) warnOfReaders(io, "the key");
    return EXIT.ok;
  });
}

function exportKey(request: KeyRequest, io: Io): Promise<ExitCode> {
  return withName(request, 2, false, io, async (owner) => {
    const file = request.words[1] ?? "-";
    if (file === "-" && io.stdout.isTerminal && !request.secret) {
      throw new UsageError("the key would be shown on the screen; give a FILE, or --secret");
    }
    const found = await readStoredKey(request, owner, io);
    if (found.kind === "failed") return found.code;
    if (file === "-") {
      io.stdout.write(`${found.key}\n`);
      warnOfReaders(io, "the key");
      return EXIT.ok;
    }
    try {
      writeNewFile(file, `${found.key}\n`);
    } catch (error) {
      const there = error instanceof Deno.errors.AlreadyExists;
      const why = there ? "the file exists already" : (error as Error).message;
      return reportFailure(io, there ? EXIT.cannotCreate : EXIT.ioError, toPrintable(`${file}: ${why}`));
    }
    const text = `${file} gives access to the name ${owner.name}; keep it as safe as a password`;
    io.stderr.write(`chatterbox: ${toPrintable(text)}\n`);
    return EXIT.ok;
  });
}

async function share({ words: [name, unexpected], flags }: KeyRequest, io: Io): Promise<ExitCode> {
  if (unexpected !== undefined) throw new UsageError(`unexpected argument ${unexpected}`);
  const { shareKey } = await import("./key/share.ts");
  return await shareKey({ ...flags, name }, io);
}

function importKey(request: KeyRequest, io: Io): Promise<ExitCode> {
  const { code, dir, force } = request;
  return withName(request, code === undefined ? 2 : 1, true, io, async (owner) => {
    if (code !== undefined) {
      const { importSharedKey } = await import("./key/code_import.ts");
      return await importSharedKey(code, owner, { dir, replace: force }, io);
    }
    const given = await readGivenKey(request.words[1], owner, io);
    if (given.kind === "failed") return given.code;
    return reportStored(await storeKey(dir, owner.address, owner.name, given.key, force), owner, dir, io);
  });
}

function forget(request: KeyRequest, io: Io): Promise<ExitCode> {
  return withName(request, 1, true, io, async (owner) => {
    const where = `${owner.name} on ${formatAddress(owner.address)}`;
    const exposed = await readOrCreateKey(request.dir, owner.address, owner.name, false);
    const found = exposed.kind === "exposed" ? exposed : await readStoredKey(request, owner, io);
    if (found.kind === "failed") return found.code;
    if (!request.yes) {
      const question = `Remove the key of ${where}? Without a copy of it the name is lost`;
      const sure = await confirm(io, toPrintable(question));
      if (sure !== EXIT.ok) return sure;
    }
    try {
      using lock = await lockKey(request.dir, owner.address, owner.name);
      if (lock === undefined) {
        const text = `the key of ${where} is not removed: another process is changing it; try again`;
        return reportFailure(io, EXIT.tryAgain, toPrintable(text));
      }
      await removeKey(request.dir, owner.address, owner.name);
      await removeNextKeys(request.dir, owner.address, owner.name);
    } catch (error) {
      return reportFailure(io, EXIT.ioError, toPrintable(`${found.path}: ${(error as Error).message}`));
    }
    io.stdout.write(toPrintable(`the key of ${where} is removed`) + "\n");
    return EXIT.ok;
  });
}

async function list(request: KeyRequest, io: Io): Promise<ExitCode> {
  if (request.words.length > 0) throw new UsageError(`unexpected argument ${request.words[0]}`);
  try {
    const keys = await listKeys(request.dir);
    if (keys.length === 0) {
      io.stderr.write("chatterbox: there are no keys on this machine yet; join makes one\n");
    }
    for (const { server, name, path } of keys) {
      const read = readKey(path);
      const print = read?.kind === "ok"
        ? await fingerprint(read.key)
        : read?.kind === "exposed"
        ? `(${read.why})`
        : "(not a key)";
      io.stdout.write(toPrintable(`${server}  ${name}  ${print}`) + "\n");
    }
    return EXIT.ok;
  } catch (error) {
    return reportFailure(io, EXIT.ioError, toPrintable(`${request.dir}/keys: ${(error as Error).message}`));
  }
}

type StoredKeyOutcome =
  | { readonly kind: "ok"; readonly key: string; readonly path: string }
  | { readonly kind: "failed"; readonly code: ExitCode };

async function readStoredKey(
  { dir }: KeyRequest,
  { address, name }: ServerAndName,
  io: Io,
): Promise<StoredKeyOutcome> {
  const { found } = await findOrCreateKey(dir, address, name, false);
  switch (found.kind) {
    case "ok":
      return found;
    case "none": {
      const where = formatAddress(address);
      const text = `there is no key of ${name} for ${where}; chatterbox key list shows those that there are`;
      return { kind: "failed", code: reportFailure(io, EXIT.noUser, toPrintable(text)) };
    }
    case "bad":
      return {
        kind: "failed",
        code: reportFailure(io, EXIT.ioError, toPrintable(`${found.path}: ${found.why}`)),
      };
    case "exposed":
      return {
        kind: "failed",
        code: reportFailure(io, EXIT.badConfig, toPrintable(`${found.path}: ${found.why}`)),
      };
  }
}

type GivenKeyOutcome = { readonly kind: "ok"; readonly key: string } | {
  readonly kind: "failed";
  readonly code: ExitCode;
};

/** Reads a key from `file`, from standard input, or as it is typed at a terminal. */
async function readGivenKey(
  file: string | undefined,
  { name }: ServerAndName,
  io: Io,
): Promise<GivenKeyOutcome> {
  const wrong = "not a key (43 characters of base64url)";
  const terminal = file === undefined ? createTerminal(io) : undefined;
  if (terminal !== undefined) {
    try {
      const reply = await askSecret(
        terminal,
        toPrintable(`Key of ${name}`),
        (text) => isKey(text.trim()) ? undefined : "A key has 43 characters of base64url.",
      );
      if (reply.kind === "text") return { kind: "ok", key: reply.text.trim() };
      return { kind: "failed", code: reply.kind === "interrupt" ? reply.code : EXIT.interrupted };
    } finally {
      terminal.keyboard.close();
    }
  }
  const path = file ?? "-";
  const read = await readSecret(path, io);
  const from = describeSecretPath(path);
  if (read.kind === "bad") {
    const code = read.fault === "exposed" ? EXIT.badConfig : EXIT.ioError;
    return { kind: "failed", code: reportFailure(io, code, toPrintable(`${from}: ${read.why}`)) };
  }
  if (isKey(read.secret)) return { kind: "ok", key: read.secret };
  return { kind: "failed", code: reportFailure(io, EXIT.malformed, toPrintable(`${from}: ${wrong}`)) };
}
