/** `chatterbox send`: one message from a script. It ends when the server has acknowledged the whole of it. */
import { printable } from "../lib/base/printable.ts";
import type { Command, Io } from "../lib/cli/command.ts";
import { formatDuration } from "../lib/cli/duration.ts";
import { EXIT, exitCodeOf } from "../lib/cli/exit_codes.ts";
import { readText } from "../lib/cli/input.ts";
import { jsonLine } from "../lib/cli/json_line.ts";
import { fail } from "../lib/cli/output.ts";
import { defineCommand, UsageError } from "../lib/cli/usage.ts";
import { ACCESS_FLAGS, connectFailed, readAccess } from "../lib/client/access.ts";
import type { DeliveryOutcome, Receipt } from "../lib/client/delivery.ts";
import { deliver, maxTextBytes } from "../lib/client/delivery.ts";
import { connect } from "../lib/client/link.ts";
import type { Link } from "../lib/client/link.ts";
import { isTarget } from "../lib/irc/names.ts";
import { splitText } from "../lib/irc/text.ts";

/** Longest text taken: some 2,700 messages. What is longer wants a file and a place to put it. */
const MAX_TEXT_BYTES = 1024 * 1024;

export const command: Command = defineCommand({
  name: "send",
  summary: "Send one message; the exit code tells what became of it.",
  synopsis: "TARGET [TEXT…]",
  examples: [
    ['chatterbox send bob "deploy finished"', "to a person"],
    ["chatterbox send '#lobby' hello everybody", "to a room"],
    ["make 2>&1 | tail -5 | chatterbox send bob", "what comes on standard input, line by line"],
    ["chatterbox send bob --json hi", "print id, sequence number and time of the message"],
  ],
  flags: {
    from: {
      type: "string",
      value: "NAME",
      help: "the name to send under; also CHATTERBOX_NAME (default: login name)",
    },
    timeout: { type: "duration", value: "DURATION", default: "10s", min: 1, help: "give up after this long" },
    json: { type: "boolean", help: "print one JSON object for each message sent" },
    quiet: { type: "boolean", short: "q", help: "say nothing; the exit code says it all" },
    ...ACCESS_FLAGS,
  },
  notes: [
    "Text is taken from the arguments, or from standard input when there are none or they are a single -.\n" +
    "Long text and text of several lines goes out as several messages, in order and whole.",
    "Exit code: 0 acknowledged by the server; 65 malformed or too long; 67 no such user or room; 68, 69 server not found or\n" +
    "not reachable; 75 timed out; 76 not an IRC server; 77 refused.",
  ],
}, (flags, words, io) => {
  const [target, ...text] = words;
  if (target === undefined) {
    throw new UsageError("to whom? Name a person or a '#room' (quoted: # starts a comment in a shell)");
  }
  if (!isTarget(target)) throw new UsageError(`${JSON.stringify(target)} is neither a name nor a room`);
  return send({ ...flags, target, words: text }, flags.quiet ? hushed(io) : io);
});

interface Order {
  readonly target: string;
  readonly words: readonly string[];
  readonly from: string | undefined;
  readonly timeout: number;
  readonly json: boolean;
  readonly server: string | undefined;
  readonly "password-file": string | undefined;
}

async function send(order: Order, io: Io): Promise<number> {
  const input = await readText(order.words, io, MAX_TEXT_BYTES);
  if (input.kind === "none") throw new UsageError("no text: give it as arguments, or pipe it in");
  if (input.kind === "bad") return fail(io, EXIT.malformed, input.why);
  if (input.kind === "unreadable") return fail(io, EXIT.ioError, input.why);
  const deadline = io.clock.now() + order.timeout;
  const found = await readAccess(io, { ...order, name: order.from }, "make");
  if (found.kind === "failed") return found.code;
  const { access } = found;
  const signal = io.signal;
  const outcome = await connect({
    address: access.address,
    registration: access.registration,
    timeoutMs: order.timeout,
    signal,
  });
  if (outcome.kind !== "connected") return connectFailed(io, outcome, access);
  const { link } = outcome;
  const onAbort = () => link.drop("interrupted");
  signal.addEventListener("abort", onAbort);
  try {
    return await sendOver(link, order, input.text, deadline, io);
  } finally {
    signal.removeEventListener("abort", onAbort);
    await link.close();
  }
}

async function sendOver(link: Link, order: Order, text: string, deadline: number, io: Io): Promise<number> {
  const { target } = order;
  const pieces = splitText(text, maxTextBytes(link, target));
  let sent = 0;
  const outcome = await deliver({
    link,
    target,
    pieces,
    remainingMs: () => deadline - io.clock.now(),
    onReceipt: (receipt) => {
      sent++;
      if (order.json) io.stdout.write(jsonLine(receiptRecord(receipt, target)));
    },
    onAway: (words) => io.stderr.write(`chatterbox: ${target} is away: ${printable(words)}\n`),
  });
  if (io.signal.aborted) return exitCodeOf(io.signal);
  const sofar = sent > 0 && outcome.kind !== "delivered"
    ? ` (${sent} of ${pieces.length} messages were sent)`
    : "";
  return report(outcome, order, sofar, io);
}

function report(outcome: DeliveryOutcome, { target, timeout }: Order, sofar: string, io: Io): number {
  const say = (code: number, text: string) => fail(io, code, printable(text) + sofar);
  switch (outcome.kind) {
    case "delivered":
      return EXIT.ok;
    case "no_such_target":
      return say(
        EXIT.noUser,
        target.startsWith("#") ? `no such room: ${target}` : `no user called ${target} is online`,
      );
    case "too_long":
      return say(EXIT.malformed, `to ${target}: ${outcome.text}`);
    case "refused":
      return say(EXIT.refused, `to ${target}: ${outcome.text}`);
    case "timed_out":
      return say(EXIT.tryAgain, `no acknowledgement within ${formatDuration(timeout)}`);
    case "lost":
      return say(EXIT.tryAgain, `the connection was lost before the acknowledgement: ${outcome.text}`);
  }
}

function receiptRecord({ id, seq, time }: Receipt, target: string): Record<string, unknown> {
  return {
    id: id ?? null,
    seq: seq ?? null,
    time: time === undefined ? null : new Date(time).toISOString(),
    target,
  };
}

/** The same, with standard error to nowhere. */
function hushed(io: Io): Io {
  const { stdin, stdout, clock, env, onSignal } = io;
  const stderr = {
    isTerminal: false,
    write: () => {},
    flush: () => Promise.resolve(),
    size: () => undefined,
    gone: io.stderr.gone,
  };
  return { stdin, stdout, stderr, clock, env, onSignal, signal: io.signal };
}
