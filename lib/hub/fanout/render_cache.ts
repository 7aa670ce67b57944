/**
 * Lines that differ by what clients can, told to many: made and encoded once for each kind of client. For what is rare; a plain line to a
 * channel goes by `outgoing.channel`.
 */
import { encodeUtf8 } from "../../base/bytes.ts";

import type { HubContext, Services } from "../context.ts";
import type { Session } from "../model/state/entities.ts";

interface Rendering {
  readonly lines: readonly string[];
  readonly bytes: Uint8Array;
}

export class RenderCache {
  readonly #known = new Map<number, Rendering>();

  /** `make`: the lines (no CRLF) for a session with those of its capabilities that `mask` has. */
  constructor(
    readonly context: HubContext,
    readonly services: Services,
    readonly mask: number,
    readonly make: (caps: number) => readonly string[],
  ) {}

  send(session: Session): void {
    const caps = session.caps & this.mask;
    let version = this.#known.get(caps);
    if (version === undefined) {
      const lines = this.make(caps);
      version = { lines, bytes: encodeUtf8(lines.map((line) => line + "\r\n").join("")) };
      this.#known.set(caps, version);
    }
    if (this.context.isCollectingResponse(session)) {
      for (const line of version.lines) this.context.send(session, line);
    } else this.services.outbox.sharedBytes(session, version.bytes);
  }
}
