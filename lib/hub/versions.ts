/**
 * Lines that differ by what clients can, told to many: made and encoded once for each kind of client. For what is rare; a plain line to a
 * room goes by `outgoing.room`.
 */
import { utf8 } from "../base/bytes.ts";
import type { Hub } from "./hub.ts";
import type { Session } from "./state.ts";

interface Version {
  readonly lines: readonly string[];
  readonly bytes: Uint8Array;
}

export class Versions {
  readonly #known = new Map<number, Version>();

  /** `make`: the lines (no CRLF) for a session with those of its capabilities that `mask` has. */
  constructor(readonly hub: Hub, readonly mask: number, readonly make: (caps: number) => readonly string[]) {}

  tell(session: Session): void {
    const caps = session.caps & this.mask;
    let version = this.#known.get(caps);
    if (version === undefined) {
      const lines = this.make(caps);
      version = { lines, bytes: utf8(lines.map((line) => line + "\r\n").join("")) };
      this.#known.set(caps, version);
    }
    if (this.hub.isHeld(session)) { for (const line of version.lines) this.hub.tell(session, line); }
    else this.hub.outgoing.shared(session, version.bytes);
  }
}
