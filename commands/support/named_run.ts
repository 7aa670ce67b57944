/** What `ask` and `page` have in common: a run under a name that the server registers with it, where it can. */
import type { Io } from "../../lib/cli/command.ts";
import type { AccountStatus } from "../../lib/client/session/credentials.ts";
import { describeNewAccount } from "./account_status_text.ts";
import { readClientLogin } from "./client_login.ts";
import type { ClientLogin } from "./client_login.ts";
import type { ClientFlags } from "./client_options.ts";
import { withStopSignal } from "./stop_signal.ts";

export interface NamedRunFlags extends ClientFlags {
  readonly from: string | undefined;
}

/** A run over as many connections as it takes. */
export interface NamedRun<Outcome> {
  run(): Promise<Outcome>;
  /** Whether the server keeps it under an account or claim key; without one, a key that was made is discarded. */
  readonly isIdentified: boolean;
}

export interface NamedRunSteps<Outcome> {
  /** `onStatus` is to be called when the server has been entered. */
  readonly begin: (
    access: ClientLogin,
    signal: AbortSignal,
    onStatus: (status: AccountStatus) => void,
  ) => NamedRun<Outcome>;
  /** Returns the exit code. */
  readonly report: (outcome: Outcome, access: ClientLogin, signal: AbortSignal) => number;
}

/** Runs to the end, or until the program is stopped; returns the exit code. */
export async function runUnderName<Outcome>(
  flags: NamedRunFlags,
  io: Io,
  { begin, report }: NamedRunSteps<Outcome>,
): Promise<number> {
  const found = await readClientLogin(io, { ...flags, name: flags.from, nameFlag: "--from NAME" }, "make");
  if (found.kind === "failed") return found.code;
  const { access } = found;
  return await withStopSignal(io, async (signal) => {
    let status: AccountStatus = { kind: "none" };
    const run = begin(access, signal, (entered) => status = entered);
    const outcome = await run.run();
    if (!run.isIdentified) {
      await access.keyring?.discard();
      // On a server that admits accounts only, the name is registered before anything else.
      const words = describeNewAccount(status, access);
      if (words !== undefined) io.stderr.write(`chatterbox: ${words}\n`);
    }
    return report(outcome, access, signal);
  });
}
