/** Whether a silent server is still there. */

/** After this much silence we ask … */
export const ASK_AFTER_MS = 60_000;
/** … and again at each look, until the connection is taken for dead after this much. */
export const LOST_AFTER_MS = 120_000;

/** What `silentMs` without a byte from the server call for. */
export function pulse(silentMs: number): "fine" | "ask" | "lost" {
  if (silentMs >= LOST_AFTER_MS) return "lost";
  return silentMs >= ASK_AFTER_MS ? "ask" : "fine";
}
