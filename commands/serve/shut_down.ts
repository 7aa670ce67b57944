/** The end of `serve`: saves what the server holds, and says what could not be saved. */
import type { Io } from "../../lib/cli/command.ts";
import { EXIT } from "../../lib/cli/exit_codes.ts";
import { reportFailure } from "../../lib/cli/standard_streams.ts";
import type { ArchiveService } from "../../lib/server/archive/archive_service.ts";
import type { ChatServer } from "../../lib/server/server.ts";
import type { ServerLog } from "../../lib/server/server_log.ts";
import type { Storage } from "../../lib/server/storage.ts";

export type StopCause =
  /** By a signal, by a command, or at the end of the prompt's input. */
  | { kind: "asked" }
  /** To the next hub, which takes the clients over. */
  | { kind: "handed_over" }
  /** A bug. */
  | { kind: "failed"; error: unknown }
  /** History can no longer be saved. */
  | { kind: "unsaved"; why: string };

/** Ends the server because of `cause`, and saves what it holds; returns the exit code. */
export async function shutDown(
  server: ChatServer,
  storage: Storage,
  archive: ArchiveService | undefined,
  log: ServerLog,
  cause: StopCause,
  io: Io,
): Promise<number> {
  const closeArchive = () => archive?.close() ?? Promise.resolve();
  const damage = storage.findSharedDamage(cause.kind === "failed" ? cause.error : undefined);
  if (damage !== undefined) {
    await storage.close(closeArchive);
    return reportFailure(io, EXIT.ioError, damage);
  }
  if (cause.kind === "failed") {
    await storage.close(closeArchive);
    return reportFailure(io, EXIT.bug, `a bug in ChatterBox stopped the server: ${String(cause.error)}`);
  }
  if (cause.kind === "handed_over") await server.suspend();
  else await server.stop("Server shutting down");
  const { safe, unsafe, hasUnsavedFacts } = await storage.close(closeArchive);
  if (cause.kind === "unsaved") {
    reportFailure(
      io,
      EXIT.ioError,
      `the server stopped, because history could no longer be saved: ${cause.why}`,
    );
  }
  const what = cause.kind === "handed_over" ? "the hub hands over" : "stopped";
  if (unsafe > 0 || hasUnsavedFacts || cause.kind === "unsaved") {
    const others = hasUnsavedFacts ? " and changes of accounts or rooms" : "";
    const text = `${messageCountText(unsafe)}${others} could not be saved; ${messageCountText(safe)} on disk`;
    log.error("stopped", `${what}: ${text}`, { safe, unsafe });
    return cause.kind === "handed_over" ? await handedOverCode() : EXIT.ioError;
  }
  log.info("stopped", `${what}: ${messageCountText(safe)} in the ring, safe on disk`, { safe });
  return cause.kind === "handed_over" ? await handedOverCode() : EXIT.ok;
}

async function handedOverCode(): Promise<number> {
  const { HANDED_OVER_CODE } = await import("../../lib/server/keeper/keeper_protocol.ts");
  return HANDED_OVER_CODE;
}

function messageCountText(messages: number): string {
  return messages === 1 ? "1 message" : `${messages} messages`;
}
