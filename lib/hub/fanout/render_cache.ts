/**
 * Lines that depend on capabilities, sent to many sessions: rendered and encoded once per set of capabilities. For
 * rare events; plain lines to a channel use `HubOutbox.channel`.
 */
import type { CapSet } from "../../irc/cap_set.ts";
import { encodeUtf8 } from "../../base/bytes.ts";
import type { HubContext, Services } from "../context.ts";
import type { Session } from "../model/state/entities.ts";

interface Rendering {
  readonly lines: readonly string[];
  readonly bytes: Uint8Array;
}

export class RenderCache {
  /** Renderings by the capabilities that matter. */
  readonly #renderings = new Map<CapSet, Rendering>();
  /** Renderings by the complete capabilities of a session. */
  readonly #bySession = new Map<CapSet, Rendering>();

  /** `make` returns the lines (no CRLF) for a session; it gets the session's capabilities that are in `mask`. */
  constructor(
    readonly context: HubContext,
    readonly services: Services,
    readonly mask: CapSet,
    readonly make: (caps: CapSet) => readonly string[],
  ) {}

  send(session: Session): void {
    let rendering = this.#bySession.get(session.caps);
    if (rendering === undefined) {
      rendering = this.#renderingFor(session.caps.intersection(this.mask));
      this.#bySession.set(session.caps, rendering);
    }
    if (this.context.isCollectingResponse(session)) {
      for (const line of rendering.lines) this.context.send(session, line);
    } else this.services.outbox.sharedBytes(session, rendering.bytes);
  }

  #renderingFor(caps: CapSet): Rendering {
    const known = this.#renderings.get(caps);
    if (known !== undefined) return known;
    const lines = this.make(caps);
    const made = { lines, bytes: encodeUtf8(lines.map((line) => line + "\r\n").join("")) };
    this.#renderings.set(caps, made);
    return made;
  }
}
