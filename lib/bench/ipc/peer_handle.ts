/** A writer or reader as the run sees it: a child process, or a worker. */
import { jsonLines } from "./peer_process.ts";
import type { FromPeer, PeerSetup, ToPeer } from "./peer_messages.ts";

/** The program and its arguments that run `runPeerProcess`; the setup is added as the last one. */
export type PeerCommand = readonly string[];

/** So long a peer may take for what it is told. A step has its own time in addition. */
const PEER_TIMEOUT_MS = 20_000;

export class PeerHandle {
  /** What the peer has told and was not waited for yet. */
  #told: FromPeer[] = [];
  #onTold: (() => void) | undefined;

  private constructor(
    readonly role: PeerSetup["role"],
    readonly tell: (message: ToPeer) => void,
    /** Ends it without warning: SIGKILL, or `terminate` of a worker. */
    readonly kill: () => void,
  ) {}

  static startProcess(command: PeerCommand, setup: PeerSetup): PeerHandle {
    const [program, ...args] = [...command, JSON.stringify(setup)];
    const streams = { stdin: "piped", stdout: "piped", stderr: "inherit" } as const;
    const child = new Deno.Command(program!, { args, ...streams }).spawn();
    const input = child.stdin.getWriter();
    const tell = (message: ToPeer) => {
      input.write(new TextEncoder().encode(JSON.stringify(message) + "\n")).catch(() => {}); // it has ended
    };
    const peer = new PeerHandle(setup.role, tell, () => killChild(child));
    void peer.#listen(child);
    return peer;
  }

  static startThread(setup: PeerSetup): PeerHandle {
    const worker = new Worker(new URL("./peer_worker.ts", import.meta.url), { type: "module" });
    const peer = new PeerHandle(
      setup.role,
      (message) => worker.postMessage(message),
      () => worker.terminate(),
    );
    worker.onmessage = (event: MessageEvent<FromPeer>) => peer.#hear(event.data);
    worker.postMessage(setup);
    return peer;
  }

  /** The next message of this kind; others before it are dropped. Rejects when the peer fails, or is silent for long. */
  async next<K extends FromPeer["kind"]>(kind: K, extraMs = 0): Promise<FromPeer & { kind: K }> {
    const endAt = performance.now() + PEER_TIMEOUT_MS + extraMs;
    for (;;) {
      const message = this.#told.shift();
      if (message?.kind === kind) return message as FromPeer & { kind: K };
      if (message?.kind === "failed") throw new Error(`the ${this.role} failed: ${message.why}`);
      if (message?.kind === "ended") throw new Error(`the ${this.role} ended early: ${message.end.saw}`);
      if (message !== undefined) continue;
      const leftMs = endAt - performance.now();
      if (leftMs <= 0) throw new Error(`the ${this.role} did not answer (${kind})`);
      await this.#waitForMessage(leftMs);
    }
  }

  /** What the peer tells within `ms`; undefined: nothing. */
  async nextWithin(ms: number): Promise<FromPeer | undefined> {
    if (this.#told.length === 0) await this.#waitForMessage(ms);
    return this.#told.shift();
  }

  #waitForMessage(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#onTold = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  #hear(message: FromPeer): void {
    this.#told.push(message);
    this.#onTold?.();
  }

  async #listen(child: Deno.ChildProcess): Promise<void> {
    for await (const message of jsonLines<FromPeer>(child.stdout)) this.#hear(message);
    const { code, signal } = await child.status;
    this.#hear({
      kind: "failed",
      why: signal === null ? `it ended with ${code}` : `it was ended by ${signal}`,
    });
  }
}

function killChild(child: Deno.ChildProcess): void {
  try {
    child.kill("SIGKILL");
  } catch {
    // it has ended
  }
}
