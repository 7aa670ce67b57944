/** Which flags of `logs` go together. */
import { OutputTemplate } from "../../../lib/cli/output_template.ts";
import { ENTRY_KEYS } from "../../../lib/client/history/entry_record.ts";
import { UsageError } from "../../../lib/cli/flags/command_definition.ts";
import { checkLocalUsage } from "../local_usage.ts";
import type { LogsFlags } from "./logs_flags.ts";

/** Flags that say which messages to show, or how. */
const SHOWING = [
  "lines",
  "max-count",
  "since",
  "until",
  "from",
  "grep",
  "cursor-file",
  "exec",
  "reverse",
  "all-rooms",
] as const;

/**
 * @throws {UsageError} Two of the flags exclude each other, or one needs another. `targets`: named rooms and users.
 */
export function checkLogsUsage(flags: LogsFlags, targets: readonly string[]): void {
  checkLocalUsage({ ...flags, with: flags.with[0] });
  checkTemplateUsage(flags);
  if (flags.verify) checkVerifyUsage(flags, targets);
  checkSourceUsage(flags, targets.length > 1 || flags["all-rooms"]);
  checkShowingUsage(flags, targets.length > 1 || flags["all-rooms"]);
}

function checkTemplateUsage(flags: LogsFlags): void {
  if (flags.template === undefined) return;
  const other = flags.json
    ? "--json"
    : flags.output !== "full"
    ? `--output ${flags.output}`
    : flags.search !== undefined
    ? "--search"
    : flags.verify
    ? "--verify"
    : undefined;
  if (other !== undefined) throw new UsageError(`--template cannot be used with ${other}`);
  readTemplate(flags.template);
}

/** @throws {UsageError} It is none. */
export function readTemplate(text: string): OutputTemplate {
  const template = OutputTemplate.parse(text, ENTRY_KEYS);
  if (typeof template === "string") throw new UsageError(`--template ${text}: ${template}`);
  return template;
}

function checkVerifyUsage(flags: LogsFlags, targets: readonly string[]): void {
  const other = flags.follow
    ? "--follow"
    : targets[0] !== undefined
    ? targets[0]
    : SHOWING.filter((name) => flags[name] !== undefined && flags[name] !== false).map((name) =>
      `--${name}`
    )[0];
  if (other !== undefined) {
    throw new UsageError(`--verify checks the whole file and cannot be used with ${other}`);
  }
}

/** `several`: more than one room or user. */
function checkSourceUsage(flags: LogsFlags, several: boolean): void {
  if (flags.follow && flags.until !== undefined) {
    throw new UsageError("--follow and --until cannot be used together");
  }
  if (flags.file !== undefined && (flags.follow || flags["cursor-file"] !== undefined)) {
    const other = flags.follow ? "--follow" : "--cursor-file";
    throw new UsageError(`${other} needs a server and cannot be used with --file`);
  }
  if (flags["no-retry"] && !flags.follow) {
    throw new UsageError("--no-retry needs --follow");
  }
  if (flags.since !== undefined && flags.until !== undefined && flags.since >= flags.until) {
    throw new UsageError("--since must be before --until");
  }
  if (several && flags.local) throw new UsageError("--local shows one room at a time");
  if (several && flags["cursor-file"] !== undefined) {
    throw new UsageError("--cursor-file is for one room or user; use one file and one run for each");
  }
}

function checkShowingUsage(flags: LogsFlags, several: boolean): void {
  const contexts = ["after-context", "before-context", "context"] as const;
  const context = contexts.find((name) => flags[name] !== undefined);
  if (context !== undefined && flags.from === undefined && flags.grep === undefined) {
    throw new UsageError(`--${context} needs --grep or --from`);
  }
  if (context !== undefined && several) throw new UsageError(`--${context} is for one room or user`);
  const cases = ["ignore-case", "case-sensitive"] as const;
  const givenCase = cases.find((name) => flags[name]);
  if (givenCase !== undefined && flags.grep === undefined) {
    throw new UsageError(`--${givenCase} needs --grep`);
  }
  if (flags["ignore-case"] && flags["case-sensitive"]) {
    throw new UsageError("--ignore-case and --case-sensitive cannot be used together");
  }
  if (flags.reverse && (flags.follow || flags["cursor-file"] !== undefined)) {
    const other = flags.follow ? "--follow" : "--cursor-file";
    throw new UsageError(`--reverse and ${other} cannot be used together`);
  }
  if (flags.json && flags.output !== "full" && flags.output !== "json") {
    throw new UsageError(`--json and --output ${flags.output} cannot be used together`);
  }
}
