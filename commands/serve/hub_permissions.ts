/** What a process that decides needs, with fronts or without. */
import type { Command } from "../../lib/cli/command.ts";

export const HUB_PERMISSIONS = [
  "read",
  "write",
  "net",
  "sys:hostname",
  "sys:umask",
  "sys:statfs",
  "sys:ca",
  "sys:setPriority",
  "ffi",
] as const satisfies Command["permissions"];
