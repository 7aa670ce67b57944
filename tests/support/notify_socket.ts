/** The socket of a service manager: what a server reports to it by sd_notify(3). */
import { inTime } from "./guard.ts";

/** The socket at `path`; a leading `\0` is that of an abstract one. */
export class NotifySocket implements Disposable {
  readonly #socket: Deno.DatagramConn;
  readonly heard: string[] = [];

  constructor(readonly path: string) {
    this.#socket = Deno.listenDatagram({ transport: "unixpacket", path });
  }

  /** The value of NOTIFY_SOCKET for it. */
  get name(): string {
    return this.path.replace(/^\0/, "@");
  }

  /** The lines of the next report. */
  async next(): Promise<string[]> {
    const [bytes] = await inTime("a report", this.#socket.receive(), { heard: () => this.heard });
    const text = new TextDecoder().decode(bytes);
    this.heard.push(text);
    return text.split("\n");
  }

  /** The next report that has the line `state`. */
  async nextOf(state: string): Promise<string[]> {
    for (;;) {
      const lines = await this.next();
      if (lines.includes(state)) return lines;
    }
  }

  [Symbol.dispose](): void {
    this.#socket.close();
  }
}
