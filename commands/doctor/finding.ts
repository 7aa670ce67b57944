/** What `chatterbox doctor` finds: one line for each check. */
import { toPrintable } from "../../lib/base/printable_text.ts";
import { EXIT } from "../../lib/cli/exit_codes.ts";
import type { ExitCode } from "../../lib/cli/exit_codes.ts";
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

/** `warning  clock     …`, or an object with check, status and text. */
export function formatFinding({ check, status, text }: Finding, json: boolean): string {
  if (json) return formatJsonLine({ check, status, text });
  return `${STATUS_WORDS[status].padEnd(STATUS_COLUMNS)}  ${check.padEnd(CHECK_COLUMNS)}  ${
    toPrintable(text)
  }\n`;
}

/** The code of the first check that failed. */
export function exitCodeOf(findings: readonly Finding[]): ExitCode {
  return findings.find(({ status }) => status === "failed")?.code ?? EXIT.ok;
}
