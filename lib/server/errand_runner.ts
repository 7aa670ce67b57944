/** Does what the hub can't do itself (`hub/errands.ts`), and brings it the outcome in a turn. */
import { unreachable } from "../base/assert.ts";
import type { Errand } from "../hub/errands.ts";
import { deriveCredentials } from "../irc/scram.ts";
import type { Turn } from "./turn.ts";

/** Passwords that are hashed at one time: each takes a thread, and as much of the processor as it gets. */
const MAX_HASHES_AT_ONCE = 2;

export class ErrandRunner {
  readonly #turn: Turn;
  readonly #factsSaved: () => Promise<string | undefined>;
  #hashing = 0;
  /** They wait for their turn to be hashed; no session has more than one here. */
  readonly #queue: (() => void)[] = [];

  /** `factsSaved` brings all facts so far to disk, and resolves with why that failed. */
  constructor(turn: Turn, factsSaved: () => Promise<string | undefined>) {
    this.#turn = turn;
    this.#factsSaved = factsSaved;
  }

  async run(errand: Errand): Promise<void> {
    const go = await this.#outcome(errand);
    await this.#turn.run((hub, now) => hub.resume(errand.session, go, now));
  }

  async #outcome(errand: Errand): Promise<() => void> {
    switch (errand.kind) {
      case "derive": {
        if (this.#hashing === MAX_HASHES_AT_ONCE) await new Promise<void>((go) => this.#queue.push(go));
        else this.#hashing++;
        try {
          const credentials = await deriveCredentials(errand.password, errand.salt, errand.iterations);
          return () => errand.done(credentials);
        } finally {
          const next = this.#queue.shift();
          if (next === undefined) this.#hashing--;
          else next();
        }
      }
      case "save": {
        const trouble = await this.#factsSaved();
        return () => errand.done(trouble);
      }
      default:
        return unreachable(errand);
    }
  }
}
