/** Connections of a front that get a reason as their last line. */
import { encodeUtf8 } from "../base/bytes.ts";
import type { LineConn } from "../net/line_conn.ts";
import { RefusedConnections } from "../net/refused_connections.ts";
import type { RefusalKind } from "../net/refused_connections.ts";
import { FRONT_REFUSALS } from "../relay/upward.ts";
import type { UpFrame } from "../relay/upward.ts";

/** Refused clients that have time to read the reason; others are closed without it. */
const MAX_REFUSED = 256;
/** Time after which another one may have it. */
const REFUSED_MS = 1_000;

/** Time of all clients together for their last lines. */
export const LAST_WORDS_MS = 800;
/** The last line of clients that were about to register when their hub ended. */
export const LOST_TEXT = "the server was restarted before you were registered; connect again";

/** Refused connections, which the hub counts. */
export class FrontRefusals extends RefusedConnections {
  #ending = 0;

  constructor(readonly report: (frame: UpFrame) => void) {
    super();
  }

  override countRefusal(why: string, _now: number, kind: RefusalKind): void {
    const cause = FRONT_REFUSALS.find((each) => each === kind);
    if (cause !== undefined) this.report({ kind: "refused", why, cause });
  }

  /** Closes the connection of a session with its last lines. */
  end(line: LineConn, text: string): void {
    if (this.#ending >= MAX_REFUSED) return line.destroy();
    this.#ending++;
    setTimeout(() => this.#ending--, REFUSED_MS);
    line.send([encodeUtf8(text)]);
    void line.end();
  }
}
