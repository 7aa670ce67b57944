/** What `chatterbox doctor` finds: one line for each check. */
import { toPrintable } from "../../lib/base/printable_text.ts";
import { EXIT } from "../../lib/cli/exit_codes.ts";
import type { ExitCode } from "../../lib/cli/exit_codes.ts";
import { wrapText } from "../../lib/cli/flags/help_layout.ts";
import { formatJsonLine } from "../../lib/cli/json_line.ts";

export const CHECKS = [
  "config",
  "folders",
  "server",
  "tls",
  "protocol",
  "clock",
  "key",
  "outbox",
  "terminal",
] as const;

export type CheckName = (typeof CHECKS)[number];

export interface Finding {
  readonly check: CheckName;
  readonly status: "ok" | "warning" | "failed";
  /** What was found, and for a warning or failure what to do; never a secret. */
  readonly text: string;
  /** With `failed`: the code with which a client command ends for that reason. */
  readonly code?: ExitCode;
}

export function ok(check: CheckName, text: string): Finding {
  return { check, status: "ok", text };
}

export function warning(check: CheckName, text: string): Finding {
  return { check, status: "warning", text };
}

export function failed(check: CheckName, code: ExitCode, text: string): Finding {
  return { check, status: "failed", text, code };
}

const STATUS_WORDS = { ok: "ok", warning: "warning", failed: "FAILED" } as const;
const STATUS_COLUMNS = "warning".length;
const CHECK_COLUMNS = Math.max(...CHECKS.map((name) => name.length));

const INDENT = " ".repeat(STATUS_COLUMNS + 2 + CHECK_COLUMNS + 2);
/** Where less is left for the text, it is below. */
const MIN_TEXT_COLUMNS = 40;
const BELOW_INDENT = "  ";

/** `warning  clock     …`, folded to `columns`; left out: one line. */
export function formatFinding({ check, status, text }: Finding, columns?: number): string {
  const head = `${STATUS_WORDS[status].padEnd(STATUS_COLUMNS)}  ${check.padEnd(CHECK_COLUMNS)}`;
  const shown = toPrintable(text);
  if (columns === undefined) return `${head}  ${shown}\n`;
  const isBelow = columns - INDENT.length < MIN_TEXT_COLUMNS;
  const indent = isBelow ? BELOW_INDENT : INDENT;
  const lines = wrapText(shown, columns - indent.length).join(`\n${indent}`);
  return isBelow ? `${head.trimEnd()}\n${indent}${lines}\n` : `${head}  ${lines}\n`;
}

/** An object with check, status and text. */
export function formatFindingJson({ check, status, text }: Finding): string {
  return formatJsonLine({ check, status, text });
}

/** The code of the first check that failed. */
export function exitCodeOf(findings: readonly Finding[]): ExitCode {
  return findings.find(({ status }) => status === "failed")?.code ?? EXIT.ok;
}
