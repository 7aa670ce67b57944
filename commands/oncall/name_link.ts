/** A connection under a name of this machine, for single requests of on-call. */
import type { Io } from "../../lib/cli/command.ts";
import { EXIT } from "../../lib/cli/exit_codes.ts";
import type { ExitCode } from "../../lib/cli/exit_codes.ts";
import type { Link } from "../../lib/client/connection/link.ts";
import { withLink } from "../../lib/client/connection/with_link.ts";
import { hasOncall } from "../../lib/client/oncall/oncall_requests.ts";
import type { OncallOutcome } from "../../lib/client/oncall/oncall_requests.ts";
import { NameClaim } from "../../lib/client/sending/name_claim.ts";
import { readClientLogin } from "../support/client_login.ts";
import type { ClientLogin } from "../support/client_login.ts";
import type { ClientFlags } from "../support/client_options.ts";
import { reportConnectFailure } from "../support/connect_failure_text.ts";
import { reportOncallFailure } from "./failure_text.ts";

/** Longest time for the connection. */
const CONNECT_MS = 10_000;

/** Connects under the name, and runs `use`. Returns its exit code, or that of the failure, which is reported. */
export async function withNameLink(
  io: Io,
  flags: ClientFlags,
  use: (link: Link, access: ClientLogin) => Promise<ExitCode>,
): Promise<ExitCode> {
  const found = await readClientLogin(io, flags, "use");
  if (found.kind === "failed") return found.code;
  const { access } = found;
  const { signal } = io;
  const nameClaim = new NameClaim({ ...access, signal });
  const outcome = await withLink(nameClaim.connect(() => CONNECT_MS), signal, async (link) => {
    return hasOncall(link)
      ? await use(link, access)
      : reportOncallFailure({ kind: "unsupported" }, access, io);
  });
  return outcome.kind === "done" ? outcome.value : reportConnectFailure(io, outcome, access);
}

/** Makes one request, and shows what it has come to. Returns the exit code; a failure is reported. */
export async function requestOncall<T>(
  io: Io,
  flags: ClientFlags,
  request: (link: Link) => Promise<OncallOutcome<T>>,
  show: (value: T, access: ClientLogin) => void | Promise<void>,
): Promise<ExitCode> {
  return await withNameLink(io, flags, async (link, access) => {
    const outcome = await request(link);
    if (outcome.kind !== "done") return reportOncallFailure(outcome, access, io);
    await show(outcome.value, access);
    return EXIT.ok;
  });
}
