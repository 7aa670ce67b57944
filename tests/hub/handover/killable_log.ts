/** A log that outlives its server, which can be killed within an append. */
import type { EventLog } from "../../../lib/hub/log/event_log.ts";
import { MemoryEventLog } from "../../support/memory_event_log.ts";

/** Thrown out of a hub that is killed. */
export class Killed extends Error {}

export class KillableLog extends MemoryEventLog {
  /** Appends until the server is killed, and whether the last one is in the log. */
  kill: { after: number; isAppended: boolean } | undefined;

  override append(time: number, payload: Uint8Array, length?: number): number {
    if (this.kill === undefined || this.kill.after-- > 0) return super.append(time, payload, length);
    const { isAppended } = this.kill;
    this.kill = undefined;
    if (isAppended) super.append(time, payload, length);
    throw new Killed();
  }
}

export type { EventLog };
