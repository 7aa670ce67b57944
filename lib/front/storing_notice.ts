/** What clients are told when the cluster cannot store messages, and when it can again. */
import { encodeUtf8 } from "../base/bytes.ts";
import type { FrontSession } from "./front_session.ts";

const CANNOT_STORE = "the cluster cannot store messages; yours are kept";
const STORES_AGAIN = "the cluster stores messages again";

export class StoringNotice {
  readonly #serverName: string;
  #isPossible = true;

  constructor(serverName: string) {
    this.#serverName = serverName;
  }

  /** Sends those of the sessions that are registered a notice, if it has changed. */
  tell(isPossible: boolean, sessions: readonly FrontSession[]): void {
    if (isPossible === this.#isPossible) return;
    this.#isPossible = isPossible;
    const line = encodeUtf8(`:${this.#serverName} NOTICE * :${isPossible ? STORES_AGAIN : CANNOT_STORE}\r\n`);
    for (const session of sessions) if (session.isPresentable) session.line.send([line]);
  }
}
