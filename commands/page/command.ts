/** `chatterbox page`: has people rung until one of them acknowledges. */
import type { Command, Io } from "../../lib/cli/command.ts";
import { EXIT } from "../../lib/cli/exit_codes.ts";
import { defineCommand, UsageError } from "../../lib/cli/flags/command_definition.ts";
import { REPLACEMENT_WARNING } from "../../lib/cli/piped_text_decoder.ts";
import { reportFailure } from "../../lib/cli/standard_streams.ts";
import { readText } from "../../lib/cli/text_input.ts";
import { PAGE_WAITS } from "../../lib/client/oncall/page_run.ts";
import { utf8Length } from "../../lib/base/bytes.ts";
import { DAY_MS, MINUTE_MS, SECOND_MS } from "../../lib/base/values/time_unit.ts";
import { isOnCallName, MAX_PAGE_BYTES, MAX_PAGE_ID_LENGTH, MAX_PAGE_MS } from "../../lib/irc/oncall.ts";
import { isSenderKey } from "../../lib/irc/sender_id.ts";
import { CLIENT_FLAGS } from "../support/client_options.ts";
import { COLOR_FLAG } from "../support/color_option.ts";
import { withoutStderr } from "../support/quiet_io.ts";

/** Random bytes of a generated id. */
const ID_BYTES = 8;
/** Longest text that is read from standard input; a page is shorter. */
const MAX_INPUT_BYTES = 64 * 1024;
/** How long is waited where --timeout does not say. */
const DEFAULT_TIMEOUT_MS = { stored: 10 * SECOND_MS, ack: MAX_PAGE_MS + MINUTE_MS } as const;

export const command: Command = defineCommand({
  name: "page",
  summary: "Ring the people of an escalation list until one of them acknowledges.",
  synopsis: ["LIST TEXT… [FLAGS]", "--list [--all] [FLAGS]", "--withdraw ID… [FLAGS]"],
  examples: [
    ['chatterbox page ops "db1 is down"', "returns when the page is on the server's disk and rings"],
    ['chatterbox page ops "db1 is down" --wait ack', "returns when a person has it, and prints who"],
    ["df -h / | tail -n 1 | chatterbox page ops -", "the text from standard input"],
    [
      'chatterbox page ops "db1 is down" --id db1-20260102',
      "the same call again opens nothing; it takes the page up",
    ],
    ["chatterbox page --list", "the open pages that concern you"],
    ["chatterbox page --withdraw db1-20260102", "it rings no more"],
  ],
  flags: {
    id: {
      type: "string",
      value: "KEY",
      help: "id of the page; the same call with it takes the page up (default: random, shown)",
    },
    wait: {
      type: "string",
      value: "WHAT",
      choices: PAGE_WAITS,
      default: "stored",
      help: "wait until the page is on the server's disk, or until a person has acknowledged it",
    },
    timeout: {
      type: "duration",
      value: "DURATION",
      min: 1000,
      max: 7 * DAY_MS,
      help: "give up waiting after this time; the page goes on (default: 10s; with --wait ack its end)",
    },
    list: { type: "boolean", help: "list the open pages that you opened or may acknowledge" },
    all: { type: "boolean", help: "--list: those that have ended, too" },
    withdraw: { type: "boolean", help: "withdraw your pages with these ids" },
    from: {
      type: "string",
      value: "NAME",
      completes: { sources: ["names"] },
      help:
        "name to page as, which the server registers for you; also CHATTERBOX_NAME (default: login name, not registered)",
    },
    json: { type: "boolean", help: "print one JSON object for each thing that happens, or each page" },
    quiet: { type: "boolean", short: "q", help: "print results only, and ask nothing at the terminal" },
    ...COLOR_FLAG,
    ...CLIENT_FLAGS,
  },
  notes: [
    "The server rings: first the people of the first step of the list, then those of the next (chatterbox oncall shows " +
    "the lists). It rings again each minute until a person acknowledges, the page is withdrawn, or 24 hours have passed; " +
    "it goes on after a restart. While the server's disk fails it rings all the same, which is told, and a restart of the " +
    "server loses it. Ctrl-C and --timeout end the waiting, and not the page.",
    "People acknowledge by /ack in chatterbox join, by chatterbox ack, or in any IRC client by the text ack as a direct " +
    "message to OnCall. The first counts, and all who were rung are told.",
    "A page has one line of up to 200 bytes. While its list is silenced (chatterbox oncall silence) it is kept, and rings " +
    "when the silence ends.",
  ],
  exitCodes: [
    ["0", "on the server's disk; with --wait ack, acknowledged"],
    ["64", "wrong usage"],
    ["65", "malformed or too long, or the id was used for another page"],
    ["67", "no such list; --withdraw: no such page"],
    ["68, 69", "server not found, not reachable, or without on-call; nothing rings"],
    ["71", "it rings, or is withdrawn, and is not saved: the server's disk fails"],
    ["74", "standard input cannot be read"],
    ["75", "not confirmed or not acknowledged in time, withdrawn, expired, or too many open pages"],
    ["76", "not an IRC server, or TLS on one side only"],
    ["77", "refused"],
    ["78", "bad configuration, or other users can read a secret file"],
    ["129, 130, 143", "interrupted; the page goes on ringing"],
  ],
}, async (flags, words, io) => {
  const { list, all, withdraw, quiet } = flags;
  const page = quiet ? withoutStderr(io) : io;
  if (list && withdraw) throw new UsageError("--list and --withdraw exclude each other");
  if (all && !list) throw new UsageError("--all is for --list");
  if (list || withdraw) {
    if (flags.id !== undefined || flags.timeout !== undefined || flags.wait !== "stored") {
      throw new UsageError(`--id, --wait and --timeout are not for --${list ? "list" : "withdraw"}`);
    }
    const { listOpenPages, withdrawPages } = await import("./open_pages.ts");
    return list ? await listOpenPages(words, flags, page) : await withdrawPages(words, flags, page);
  }
  const [name, ...text] = words;
  if (name === undefined) throw new UsageError('give the list and the text: page ops "db1 is down"');
  if (!isOnCallName(name)) throw new UsageError(`${JSON.stringify(name)} is not the name of a list`);
  const id = flags.id ?? crypto.getRandomValues(new Uint8Array(ID_BYTES)).toHex();
  checkPageId(id);
  const input = await readPageText(text, page);
  if (typeof input === "number") return input;
  const wait = PAGE_WAITS.find((each) => each === flags.wait)!;
  const { openPage } = await import("./page_opening.ts");
  const timeoutMs = flags.timeout ?? DEFAULT_TIMEOUT_MS[wait];
  return await openPage({ ...flags, id, list: name, text: input, wait, timeoutMs }, page);
});

/** Throws {@link UsageError}. */
export function checkPageId(id: string): void {
  if (isSenderKey(id) && id.length <= MAX_PAGE_ID_LENGTH && !id.startsWith(":")) return;
  throw new UsageError(
    `--id ${
      JSON.stringify(id)
    }: it is not 1 to ${MAX_PAGE_ID_LENGTH} printable ASCII characters without spaces`,
  );
}

/** The text of the page, or the exit code of what is wrong with it, which is reported. */
async function readPageText(words: readonly string[], io: Io): Promise<string | number> {
  const input = await readText(words, io, MAX_INPUT_BYTES);
  if (input.kind === "none") throw new UsageError("no text: give it as arguments, or pipe it in");
  if (input.kind === "unreadable") return reportFailure(io, EXIT.ioError, input.why);
  const fault = input.kind === "bad" ? input.why : findTextFault(input.text.trim());
  if (input.kind === "bad" || fault !== undefined) return reportFailure(io, EXIT.malformed, fault!);
  if (input.replaced) io.stderr.write(`chatterbox: ${REPLACEMENT_WARNING}\n`);
  return input.text.trim();
}

function findTextFault(text: string): string | undefined {
  const lines = text.split(/\r\n|\n|\r/).length;
  if (lines > 1) return `the text has ${lines} lines; a page has one`;
  const bytes = utf8Length(text);
  if (bytes === 0) return "the text is empty";
  if (/\p{Cc}/u.test(text)) return "the text has a control character; a page has none";
  return bytes > MAX_PAGE_BYTES
    ? `the text has ${bytes} bytes; a page has up to ${MAX_PAGE_BYTES}`
    : undefined;
}
