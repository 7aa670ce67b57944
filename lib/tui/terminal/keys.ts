/**
 * Decodes the bytes of a terminal in raw mode into keys. The sequences are those of ECMA-48 (section 5.4:
 * CSI, parameters 0x30–0x3F, intermediates 0x20–0x2F, final 0x40–0x7E) as xterm and compatible terminals send
 * them, and xterm's bracketed paste (DECSET 2004). An unknown sequence is dropped whole, so that an unknown
 * key types nothing.
 *
 * The decoder of `node:readline` knows no bracketed paste, and types the end of an unknown sequence as text.
 */

import type { ViewMove } from "../../client/commands/view_commands.ts";

/** Editing command of a key, named after GNU readline's Emacs mode. */
export type KeyAction =
  | "left"
  | "right"
  | "wordLeft"
  | "wordRight"
  | "home"
  | "end"
  | "previous"
  | "next"
  | "backspace"
  | "delete"
  | "killWordBefore"
  | "killWordAfter"
  | "killBefore"
  | "killAfter"
  | "yank"
  | "yankEarlier"
  | "transpose"
  | "undo"
  | "search"
  | "complete"
  | "completeBack"
  | "enter"
  | "newLine"
  | "editOutside"
  | "suspend"
  | "cancel"
  | "clear"
  | "pageUp"
  | "interrupt"
  | "deleteOrEnd";

/** Typed or pasted text (no control characters in "type"), an action, or a report of the terminal. */
export type TerminalKey =
  | { readonly kind: "type"; readonly text: string }
  /** `isEarly`: typed before raw mode was on, when the terminal made a line feed of Enter. */
  | { readonly kind: "paste"; readonly text: string; readonly isEarly?: true }
  | { readonly kind: KeyAction }
  /** Another view is to be the current one. */
  | { readonly kind: "goTo"; readonly move: ViewMove }
  /** Where the cursor is. Counted from 0. */
  | { readonly kind: "report"; readonly column: number }
  /** Whether the terminal gets what is typed (DECSET 1004). */
  | { readonly kind: "report"; readonly isFocused: boolean };

/** Ctrl-N and Ctrl-P. */
const VIEW_CONTROL_KEYS: Readonly<Record<string, ViewMove>> = { "\x0e": "next", "\x10": "previous" };

const CONTROL_KEYS: Readonly<Record<string, KeyAction>> = {
  "\x01": "home",
  "\x02": "left",
  "\x03": "interrupt",
  "\x04": "deleteOrEnd",
  "\x05": "end",
  "\x06": "right",
  "\x07": "cancel",
  "\x08": "backspace",
  "\t": "complete",
  "\n": "newLine",
  "\x0b": "killAfter",
  "\x0c": "clear",
  "\r": "enter",
  "\x12": "search",
  "\x14": "transpose",
  "\x15": "killBefore",
  "\x17": "killWordBefore",
  "\x19": "yank",
  "\x1a": "suspend",
  "\x1f": "undo",
  "\x7f": "backspace",
};

/** Keys after ESC: Alt with a key. */
const ALT_KEYS: Readonly<Record<string, KeyAction>> = {
  b: "wordLeft",
  f: "wordRight",
  d: "killWordAfter",
  y: "yankEarlier",
  "\r": "newLine",
  "\n": "newLine",
  "\x7f": "killWordBefore",
  "\x08": "killWordBefore",
};

/** Keys after Ctrl-X. */
const CTRL_X_KEYS: Readonly<Record<string, KeyAction>> = {
  "\x05": "editOutside",
  "\x15": "undo",
  e: "editOutside",
  u: "undo",
};

/** The view that Alt with `key` goes to: Alt-a, Alt-1 to Alt-9; undefined: none. */
function viewMoveOf(key: string): ViewMove | undefined {
  return key === "a" ? "unread" : /^[1-9]$/.test(key) ? Number(key) : undefined;
}

/** Sequences after `ESC [` or `ESC O`. With Ctrl (`1;5`) or Alt (`1;3`), left and right move by words. */
const ESCAPE_SEQUENCES: Readonly<Record<string, KeyAction>> = {
  A: "previous",
  B: "next",
  C: "right",
  D: "left",
  H: "home",
  F: "end",
  "1~": "home",
  "7~": "home",
  "4~": "end",
  "8~": "end",
  "3~": "delete",
  "5~": "pageUp",
  Z: "completeBack",
  "1;5C": "wordRight",
  "1;3C": "wordRight",
  "1;5D": "wordLeft",
  "1;3D": "wordLeft",
  "3;5~": "killWordAfter",
};

const PASTE_START = "\x1b[200~";
const PASTE_END = "\x1b[201~";
/** Ctrl-C; it is never part of a paste, nor of a sequence: it works behind Escape, too. */
const INTERRUPT = "\x03";

const CTRL_X = "\x18";

/** Longest paste; the rest is dropped. */
export const MAX_PASTE_UNITS = 64 * 1024;

/** Longest incomplete sequence; a longer one is line noise and dropped. */
const MAX_SEQUENCE_UNITS = 64;

/** The bytes after `ESC [`. */
const CSI = /^[\x30-\x3f]*[\x20-\x2f]*[\x40-\x7e]/;
const CSI_PREFIX = /^[\x30-\x3f]*[\x20-\x2f]*$/;
const TEXT = /^\P{Cc}+/u;

/**
 * Decodes chunks that may end anywhere. A paste is one key, however many chunks it comes in. An ESC at the end of a chunk
 * may be the Escape key or the beginning of a sequence: the caller tells by the time ({@link KeyDecoder.waitsFor}).
 */
export class KeyDecoder {
  readonly #utf8 = new TextDecoder();
  #rest = "";
  /** The text of a paste that has begun and not ended. */
  #pasted: string | undefined;

  /** What is to come next: the end of a paste, or what follows ESC; undefined: any key. */
  get waitsFor(): "paste" | "escape" | undefined {
    if (this.#pasted !== undefined) return "paste";
    return this.#rest === "\x1b" ? "escape" : undefined;
  }

  /** What {@link waitsFor} names does not come: ends the paste, or takes ESC for the Escape key. */
  endWait(): TerminalKey[] {
    const text = this.#rest;
    if (this.#pasted === undefined && text !== "\x1b") return [];
    this.#rest = "";
    if (this.#pasted === undefined) return [{ kind: "cancel" }];
    this.#takePasted(text);
    return this.#endPaste();
  }

  push(chunk: Uint8Array): TerminalKey[] {
    this.#rest += this.#utf8.decode(chunk, { stream: true });
    const keys: TerminalKey[] = [];
    while (this.#rest !== "") {
      if (this.#pasted !== undefined) {
        if (!this.#paste(keys)) break;
        continue;
      }
      const step = this.#next();
      if (step === undefined) break;
      this.#rest = this.#rest.slice(step.units);
      if (step.key) keys.push(step.key);
    }
    return keys;
  }

  /** Takes pasted text up to its end mark, or to Ctrl-C. False: more has to come. */
  #paste(keys: TerminalKey[]): boolean {
    const end = this.#rest.indexOf(PASTE_END);
    const interrupt = this.#rest.indexOf(INTERRUPT);
    if (end < 0 && interrupt < 0) {
      const units = this.#rest.length - findEndingOverlap(this.#rest, PASTE_END);
      this.#takePasted(this.#rest.slice(0, units));
      this.#rest = this.#rest.slice(units);
      return false;
    }
    const isMarked = end >= 0 && (interrupt < 0 || end < interrupt);
    const units = isMarked ? end : interrupt;
    this.#takePasted(this.#rest.slice(0, units));
    this.#rest = this.#rest.slice(isMarked ? end + PASTE_END.length : interrupt);
    keys.push(...this.#endPaste());
    return true;
  }

  #takePasted(text: string): void {
    this.#pasted = ((this.#pasted ?? "") + text).slice(0, MAX_PASTE_UNITS);
  }

  #endPaste(): TerminalKey[] {
    const text = (this.#pasted ?? "").toWellFormed();
    this.#pasted = undefined;
    return text === "" ? [] : [{ kind: "paste", text }];
  }

  #next(): DecodeStep | undefined {
    const rest = this.#rest;
    const text = TEXT.exec(rest)?.[0];
    if (text !== undefined) return { units: text.length, key: { kind: "type", text } };
    if (rest.startsWith(CTRL_X)) return readCtrlX(rest);
    if (!rest.startsWith("\x1b")) {
      const char = rest.charAt(0);
      return goTo(1, VIEW_CONTROL_KEYS[char]) ?? step(1, CONTROL_KEYS[char]);
    }
    if (rest.startsWith(PASTE_START)) {
      this.#pasted = "";
      return { units: PASTE_START.length };
    }
    if (rest.startsWith("\x1b[")) {
      const csi = CSI.exec(rest.slice(2))?.[0];
      if (csi !== undefined) return readCsi(csi);
      return CSI_PREFIX.test(rest.slice(2)) && rest.length < MAX_SEQUENCE_UNITS ? undefined : { units: 2 };
    }
    if (rest.length < 2 || rest === "\x1bO") return undefined;
    const next = rest.startsWith("\x1bO") ? 2 : 1;
    if (rest.charAt(next) === INTERRUPT) return { units: next };
    if (rest.startsWith("\x1bO")) return step(3, ESCAPE_SEQUENCES[rest.charAt(2)]);
    if (rest.startsWith("\x1b\x1b")) return { units: 1 };
    const alt = String.fromCodePoint(rest.codePointAt(1)!);
    return goTo(1 + alt.length, viewMoveOf(alt)) ?? step(1 + alt.length, ALT_KEYS[alt]);
  }
}

interface DecodeStep {
  /** Units consumed. */
  readonly units: number;
  readonly key?: TerminalKey;
}

function step(units: number, action: KeyAction | undefined): DecodeStep {
  return action === undefined ? { units } : { units, key: { kind: action } };
}

/** Ctrl-X and the key after it; Ctrl-C works there, too. */
function readCtrlX(rest: string): DecodeStep | undefined {
  const key = rest.charAt(1);
  if (key === "") return undefined;
  if (key === INTERRUPT || key === "\x1b") return { units: 1 };
  return step(1 + String.fromCodePoint(rest.codePointAt(1)!).length, CTRL_X_KEYS[key]);
}

function goTo(units: number, move: ViewMove | undefined): DecodeStep | undefined {
  return move === undefined ? undefined : { units, key: { kind: "goTo", move } };
}

/** CPR (ECMA-48 section 8.3.14), counted from 1: `row ; column R`. */
const CURSOR_REPORT = /^\d{1,5};(\d{1,5})R$/;

function readCsi(csi: string): DecodeStep {
  const units = "\x1b[".length + csi.length;
  const column = CURSOR_REPORT.exec(csi)?.[1];
  if (column !== undefined) return { units, key: { kind: "report", column: Number(column) - 1 } };
  if (csi === "I" || csi === "O") return { units, key: { kind: "report", isFocused: csi === "I" } };
  return step(units, ESCAPE_SEQUENCES[csi]);
}

/** Units at the end of `text` that could be the beginning of `mark`. */
function findEndingOverlap(text: string, mark: string): number {
  for (let units = Math.min(text.length, mark.length - 1); units > 0; units--) {
    if (text.endsWith(mark.slice(0, units))) return units;
  }
  return 0;
}
