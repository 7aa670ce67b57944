/** A message that says how far a program is: it is edited, and removed when the outcome is told. */
import { MESSAGE_REDACTION } from "../../lib/irc/capability_names.ts";
import { REPLACES_TAG } from "../../lib/irc/vendor_extensions.ts";
import type { Link } from "../../lib/client/connection/link.ts";
import { sendPiece } from "../../lib/client/sending/delivery.ts";
import { NameClaim } from "../../lib/client/sending/name_claim.ts";
import type { ClientLogin } from "../support/client_login.ts";

/** Before the first message, and between two edits; of a long run a tenth of its time, if that is more. */
const INTERVAL_MS = 10_000;
const SHARE_OF_RUN = 0.1;

export interface ProgressOptions {
  readonly access: ClientLogin;
  readonly target: string;
  readonly id: string;
  /** For one request. */
  readonly timeoutMs: number;
  /** The text as of `ms` after the start. */
  readonly describe: (ms: number) => string;
}

export class ProgressMessage {
  readonly #options: ProgressOptions;
  readonly #startedAt = performance.now();
  readonly #ended = new AbortController();
  readonly #running: Promise<void>;
  #link: Link | undefined;
  /** The id of the message at present. */
  #msgid: string | undefined;
  #texts = 0;

  /** Begins at once, and never fails: what cannot be told is left out. */
  constructor(options: ProgressOptions) {
    this.#options = options;
    this.#running = this.#run();
  }

  /** Ends the edits. */
  async stop(): Promise<void> {
    this.#ended.abort();
    await this.#running;
  }

  /** Removes the message, and closes the connection. */
  async remove(): Promise<void> {
    await this.stop();
    if (this.#msgid !== undefined) await this.#redact(this.#msgid);
    await this.#link?.close();
  }

  async #run(): Promise<void> {
    while (await this.#pause()) {
      this.#link ??= await this.#connect();
      if (this.#link?.isAlive !== true || !supportsEdits(this.#link)) return;
      await this.#say(this.#link);
    }
  }

  /** False: it has ended meanwhile. */
  #pause(): Promise<boolean> {
    const ms = Math.max(INTERVAL_MS, (performance.now() - this.#startedAt) * SHARE_OF_RUN);
    const { signal } = this.#ended;
    return new Promise((resolve) => {
      const end = (goesOn: boolean) => () => {
        clearTimeout(timer);
        resolve(goesOn);
      };
      const timer = setTimeout(end(true), ms);
      signal.addEventListener("abort", end(false));
      if (signal.aborted) end(false)();
    });
  }

  async #connect(): Promise<Link | undefined> {
    const { access: { address, registration, trust }, timeoutMs } = this.#options;
    const claim = new NameClaim({ address, registration, trust, signal: this.#ended.signal });
    const outcome = await claim.connect(() => timeoutMs);
    return outcome.kind === "connected" ? outcome.link : undefined;
  }

  async #say(link: Link): Promise<void> {
    const { target, id, timeoutMs, describe } = this.#options;
    const earlier = this.#msgid;
    const tags = earlier === undefined ? undefined : new Map([[REPLACES_TAG, earlier]]);
    const text = describe(performance.now() - this.#startedAt);
    const outcome = await sendPiece(link, target, { id: `${id}-p${++this.#texts}`, text, tags }, timeoutMs);
    if (outcome.kind !== "accepted") return;
    this.#msgid = outcome.receipt.id;
    if (earlier !== undefined) await this.#redact(earlier);
  }

  async #redact(msgid: string): Promise<void> {
    const { target, timeoutMs } = this.#options;
    await this.#link?.request({ command: "REDACT", params: [target, msgid] }, timeoutMs);
  }
}

function supportsEdits({ session: { caps } }: Link): boolean {
  return caps.has(MESSAGE_REDACTION) && caps.has("message-tags") && caps.has("echo-message");
}
