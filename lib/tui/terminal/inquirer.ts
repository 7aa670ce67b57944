/**
 * The questions of `@inquirer/prompts` at a {@link Terminal}. No other file imports the library, and this one
 * is loaded when a question is asked, because loading it takes 100 ms of processor time.
 *
 * Inquirer edits the line with `node:readline`, which listens for `keypress` events of its input. Here they
 * are made from the keys that {@link Keyboard} has decoded, one at a time until the answer, so that keys
 * typed ahead stay there for the next question or the chat. The decoder of `node:readline` would take the
 * whole chunk, knows no bracketed paste, and waits with a timer for the rest of an escape sequence.
 */
import process from "node:process";
import { PassThrough, Writable } from "node:stream";
import { confirm, input, password } from "@inquirer/prompts";
import { toPrintable } from "../../base/printable_text.ts";
import { EXIT } from "../../cli/exit_codes.ts";
import type { ExitCode } from "../../cli/exit_codes.ts";
import type { KeyAction, TerminalKey } from "./keys.ts";
import type { Terminal } from "./terminal.ts";

export type PromptResult =
  | { readonly kind: "text"; readonly text: string }
  /** Ctrl-C, or a signal; `code` is what to end with. */
  | { readonly kind: "interrupt"; readonly code: ExitCode }
  /** Ctrl-D, or the terminal is gone. */
  | { readonly kind: "end" };

/** What is wrong with an answer; undefined: it is accepted. */
export type AnswerFault = (answer: string) => string | undefined;

/** A line of text. An empty answer means `suggestion`. */
export async function askText(
  terminal: Terminal,
  question: string,
  suggestion: string,
  fault: AnswerFault,
): Promise<PromptResult> {
  const answerOf = (line: string) => restoreLineBreaks(line).trim() || suggestion;
  const config = {
    message: toPrintable(question),
    default: suggestion,
    validate: (line: string) => fault(answerOf(line)) ?? true,
    transformer: (line: string) => toPrintable(restoreLineBreaks(line)),
    theme: { style: { defaultAnswer: (text: string) => `(${toPrintable(text)})` } },
  };
  return await run(terminal, async (context) => answerOf(await input(config, context)));
}

/** A line that is not shown. */
export async function askHidden(
  terminal: Terminal,
  question: string,
  fault: AnswerFault,
): Promise<PromptResult> {
  const config = {
    message: toPrintable(question),
    toggleMask: false,
    validate: (line: string) => fault(restoreLineBreaks(line)) ?? true,
    theme: { style: { maskedText: "" } },
  };
  return await run(terminal, async (context) => restoreLineBreaks(await password(config, context)));
}

/** "yes" or "no"; an empty answer means no. */
export async function askYesOrNo(terminal: Terminal, question: string): Promise<PromptResult> {
  const config = { message: toPrintable(question), default: false };
  return await run(terminal, async (context) => await confirm(config, context) ? "yes" : "no");
}

/**
 * Characters (UTF-16 code units) taken for an answer; any more is dropped, because Inquirer draws the whole
 * answer anew at each key. No answer is as long: a line of the protocol has 512 bytes.
 */
export const MAX_ANSWER_UNITS = 1024;

interface PromptContext {
  readonly input: PassThrough;
  readonly output: Writable;
  readonly signal: AbortSignal;
}

/**
 * Runs one question to its answer, a key that ends it, or a signal. Inquirer leaves a wrong answer in the
 * line; here the next key removes it, because a secret cannot be seen to be corrected, and text typed ahead
 * is another answer.
 */
async function run(
  terminal: Terminal,
  question: (context: PromptContext) => Promise<string>,
): Promise<PromptResult> {
  const { keyboard, onInterrupt } = terminal;
  const interrupted = Promise.withResolvers<ExitCode>();
  const offInterrupt = onInterrupt(interrupted.resolve);
  const offProcess = holdProcessSignals();
  const giveUp = new AbortController();
  const keys = new PassThrough();
  let answer: PromptResult | undefined;
  const asked = question({ input: keys, output: outputOf(terminal), signal: giveUp.signal })
    .then((text) => void (answer = { kind: "text", text }));
  /** Rejected if the library fails; never resolved. */
  const failed = asked.then(() => new Promise<never>(() => {}));
  let isRefused = false;
  let free = MAX_ANSWER_UNITS;
  try {
    while (answer === undefined) {
      const key = await Promise.race([interrupted.promise, keyboard.next(), failed]);
      if (key === undefined) {
        return keyboard.isGone ? { kind: "interrupt", code: EXIT.hungUp } : { kind: "end" };
      }
      if (typeof key === "number") return { kind: "interrupt", code: key };
      if (key.kind === "interrupt") return { kind: "interrupt", code: EXIT.interrupted };
      if (key.kind === "report" || key.kind === "goTo") continue; // an answer to an earlier question; a key of the chat
      if (isRefused) press(keys, { kind: "killBefore" });
      if (isRefused || key.kind === "killBefore") free = MAX_ANSWER_UNITS;
      if ("text" in key) {
        const text = key.text.slice(0, free);
        free -= text.length;
        if (text !== "") press(keys, { kind: key.kind, text });
      } else press(keys, key);
      isRefused = key.kind === "enter" || key.kind === "newLine";
      // Inquirer validates in microtasks, and drops keys meanwhile.
      if (isRefused) await Promise.race([asked, nextTurn()]);
      // The readline interface has closed: Ctrl-D on an empty line.
      else if (keys.isPaused()) return { kind: "end" };
    }
    return answer;
  } finally {
    giveUp.abort();
    await asked.catch(() => {}); // given up
    offProcess();
    offInterrupt();
  }
}

/**
 * The output of Inquirer, with the line ends that raw mode needs, and without colours, because Inquirer does
 * not know `--no-color`.
 */
function outputOf({ output, size }: Terminal): Writable {
  const writable = new Writable({
    decodeStrings: false,
    write(text: string, _encoding, done) {
      output.write(text.replaceAll(SELECT_GRAPHIC_RENDITION, "").replaceAll("\n", "\r\n"));
      done();
    },
  });
  return Object.defineProperty(writable, "columns", { get: () => size().columns });
}

/** SGR (ECMA-48 section 8.3.117). */
const SELECT_GRAPHIC_RENDITION = /\x1b\[[\d;]*m/g;

/** Names of the keys in `node:readline`; undefined: the key has no use in a question. */
const KEYPRESSES: Readonly<Record<KeyAction, Keypress | undefined>> = {
  left: { name: "left" },
  right: { name: "right" },
  wordLeft: { name: "left", ctrl: true },
  wordRight: { name: "right", ctrl: true },
  home: { name: "home" },
  end: { name: "end" },
  previous: undefined,
  next: undefined,
  backspace: { name: "backspace" },
  delete: { name: "delete" },
  killWordBefore: { name: "w", ctrl: true },
  killWordAfter: { name: "d", meta: true },
  killBefore: { name: "u", ctrl: true },
  killAfter: { name: "k", ctrl: true },
  yank: { name: "y", ctrl: true },
  yankEarlier: undefined,
  transpose: undefined,
  undo: undefined,
  search: undefined,
  complete: { name: "tab" },
  completeBack: undefined,
  enter: { name: "return" },
  newLine: { name: "return" }, // Enter, where it was typed before raw mode was on
  editOutside: undefined,
  suspend: undefined,
  cancel: undefined,
  clear: undefined,
  pageUp: undefined,
  interrupt: undefined,
  deleteOrEnd: { name: "d", ctrl: true },
};

interface Keypress {
  readonly name: string;
  readonly ctrl?: boolean;
  readonly meta?: boolean;
}

function press(keys: PassThrough, key: Exclude<TerminalKey, { kind: "report" | "goTo" }>): void {
  switch (key.kind) {
    case "type":
      return void keys.emit("keypress", key.text, {});
    case "paste":
      return void keys.emit("keypress", hideLineBreaks(key.text), {});
    default:
      if (KEYPRESSES[key.kind] !== undefined) keys.emit("keypress", "", KEYPRESSES[key.kind]);
  }
}

/**
 * Replaces pasted line breaks, which `node:readline` would take for Enter, by NUL, which no keyboard sends.
 */
function hideLineBreaks(pasted: string): string {
  return pasted.replaceAll(/\r\n|[\r\n\u2028\u2029]/g, "\0");
}

function restoreLineBreaks(line: string): string {
  return line.replaceAll("\0", "\n");
}

/**
 * Listens for signals until the function returned is called, so that `signal-exit`, which Inquirer uses, does
 * not send a signal to this process again: it does so if it is the only listener on `process`. The signals
 * themselves are handled by {@link Terminal.onInterrupt}.
 */
function holdProcessSignals(): () => void {
  const ignore = () => {};
  const names: Deno.Signal[] = Deno.build.os === "windows"
    ? ["SIGINT"]
    : ["SIGHUP", "SIGINT", "SIGQUIT", "SIGTERM"];
  for (const name of names) process.on(name, ignore);
  return () => names.forEach((name) => process.off(name, ignore));
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}
