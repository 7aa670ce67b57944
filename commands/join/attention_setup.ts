/** What draws the attention of a person in `join`, by flags, settings and terminal. */
import type { Io } from "../../lib/cli/command.ts";
import { Attention } from "../../lib/tui/attention/attention.ts";
import { detectFeatures, NO_FEATURES } from "../../lib/tui/attention/terminal_features.ts";
import type { JoinRun } from "./join_run.ts";
import type { NotifyProgram } from "./notify_program.ts";

export interface AttentionFlags {
  readonly bell: boolean;
  /** Of `--notify`. */
  readonly program: NotifyProgram | undefined;
  /** Lines are written, and nothing but lines and the bell. */
  readonly isPlain: boolean;
}

export function makeAttention({ bell, program, isPlain }: AttentionFlags, run: JoinRun, io: Io): Attention {
  const { settings } = run;
  if (bell) settings.setForRun("bell", "on");
  if (program !== undefined) program.tell = (text) => run.alarm(text);
  return new Attention({
    output: io.stdout.isTerminal ? io.stdout : undefined,
    features: isPlain ? NO_FEATURES : detectFeatures(io.env),
    settings,
    now: io.clock.now(),
    run: program && ((entry, me) => program.add(entry, me)),
  });
}
