/** At a start: each kind of fact goes back to where it belongs. */
import { restoreAccount } from "./accounts.ts";
import { restoreTopic } from "./archive.ts";
import { restoreBan } from "./bans.ts";
import type { FactKind, SavedFact } from "./facts.ts";
import type { Hub } from "./hub.ts";
import { restoreMarker } from "./markers.ts";
import { restoreMetadata } from "./metadata.ts";
import { restoreOperator } from "./operators.ts";
import { restoreSecret } from "./passwords.ts";
import { restoreRoom } from "./room_settings.ts";

/** Takes in what was saved under `key`; `value` is foreign data. Throws or ignores what it can't use. */
export type RestoreFact = (hub: Hub, key: string, value: unknown, seq: number) => void;

const RESTORE: Readonly<Record<FactKind, RestoreFact>> = {
  account: restoreAccount,
  ban: restoreBan,
  marker: restoreMarker,
  metadata: restoreMetadata,
  oper: restoreOperator,
  room: restoreRoom,
  secret: restoreSecret,
  topic: restoreTopic,
};

/** Takes in a saved fact; false: nobody knows what to do with it. */
export function restore(hub: Hub, { kind, key, value, seq }: SavedFact): boolean {
  if (!Object.hasOwn(RESTORE, kind) || value === undefined) return false;
  try {
    RESTORE[kind as FactKind](hub, key, JSON.parse(value, framed), seq);
    return true;
  } catch {
    return false;
  }
}

/** What was changed by another hand could forge lines of the protocol. */
function framed(_key: string, value: unknown): unknown {
  if (typeof value === "string" && /[\r\n\0]/.test(value)) throw new TypeError("a text of several lines");
  return value;
}
