/** `serve --shm`: the ring is shared with other processes of the user. */
import type { Io } from "../../lib/cli/command.ts";
import { EXIT } from "../../lib/cli/exit_codes.ts";
import type { ExitCode } from "../../lib/cli/exit_codes.ts";
import { reportFailure } from "../../lib/cli/standard_streams.ts";
import { DEFAULT_LOBBY } from "../../lib/irc/vendor_extensions.ts";
import type { HubSettings } from "../../lib/server/settings/hub_flags.ts";
import type { ShareRing } from "../../lib/server/shared_ring.ts";

/** How the ring is shared; an exit code where that is not possible here, which has been reported. */
export async function loadSharing({ lobby }: HubSettings, io: Io): Promise<ShareRing | ExitCode> {
  const { loadRingSharing } = await import("../../lib/server/shared_ring.ts");
  return loadRingSharing(lobby ?? DEFAULT_LOBBY) ??
    reportFailure(
      io,
      EXIT.badConfig,
      "--shm needs Linux, glibc 2.34 or newer, and the permission to call it (--allow-ffi); start without --shm",
    );
}
