/** The platform's own WebSocket, as a connection of bytes with CR LF behind each line: for tests that know connections only. */
import type { Conn } from "../../lib/net/conn.ts";
import { inTime } from "./guard.ts";

export type WebProtocol = "text.ircv3.net" | "binary.ircv3.net";

const encoder = new TextEncoder();

/** What the platform takes and the types do not know: headers, and whom to trust. */
export interface WebSocketExtras {
  headers?: Record<string, string>;
  client?: Deno.HttpClient;
}

/** Opens one at `url`; rejects where that is refused. */
export function webSocket(
  url: string,
  protocols: string[] = [],
  extras: WebSocketExtras = {},
): Promise<WebSocket> {
  return opened(begin(url, protocols, extras));
}

function begin(url: string, protocols: string[], extras: WebSocketExtras): WebSocket {
  const socket = new WebSocket(url, { protocols, ...extras } as unknown as string[]);
  socket.binaryType = "arraybuffer";
  return socket;
}

async function opened(socket: WebSocket): Promise<WebSocket> {
  const open = Promise.withResolvers<WebSocket>();
  socket.onopen = () => open.resolve(socket);
  socket.onerror = (event) => open.reject(new Error(event instanceof ErrorEvent ? event.message : "refused"));
  return await inTime(`a WebSocket to ${socket.url}`, open.promise);
}

/** Throws, in the reader, where a message is not one line of the kind that was agreed on. */
export class WebSocketConn implements Conn {
  readonly #socket: WebSocket;
  #rest = "";
  #heard: Uint8Array[] = [];
  #fault: Error | undefined;
  #ended = false;
  #wake: () => void = () => {};

  constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.onmessage = ({ data }) => this.#hear(data);
    socket.onclose = () => {
      this.#ended = true;
      this.#wake();
    };
  }

  static async connect(
    url: string,
    protocol: WebProtocol = "text.ircv3.net",
    extras: WebSocketExtras = {},
  ): Promise<WebSocketConn> {
    const socket = begin(url, [protocol], extras);
    const conn = new WebSocketConn(socket); // before it is open: what comes first comes with that
    await opened(socket);
    return conn;
  }

  async read(buffer: Uint8Array<ArrayBuffer>): Promise<number | null> {
    while (this.#heard.length === 0) {
      if (this.#fault !== undefined) throw this.#fault;
      if (this.#ended) return null;
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
    const [first] = this.#heard;
    const count = Math.min(first!.length, buffer.length);
    buffer.set(first!.subarray(0, count));
    if (count === first!.length) this.#heard.shift();
    else this.#heard[0] = first!.subarray(count);
    return count;
  }

  /** Whole lines as messages; what ends no line waits for its end. */
  write(bytes: Uint8Array): Promise<number> {
    const lines = (this.#rest + new TextDecoder().decode(bytes)).split("\r\n");
    this.#rest = lines.pop()!;
    for (const line of lines) {
      if (this.#socket.readyState !== WebSocket.OPEN) throw new Deno.errors.BrokenPipe("closed");
      this.#socket.send(this.#socket.protocol === "binary.ircv3.net" ? encoder.encode(line) : line);
    }
    return Promise.resolve(bytes.length);
  }

  closeWrite(): Promise<void> {
    this.#socket.close();
    return Promise.resolve();
  }

  close(): void {
    this.#socket.close();
    this.#ended = true;
    this.#wake();
  }

  #hear(data: unknown): void {
    const binary = this.#socket.protocol === "binary.ircv3.net";
    const bytes = typeof data === "string" ? encoder.encode(data) : new Uint8Array(data as ArrayBuffer);
    if ((typeof data === "string") === binary) this.#fault = new Error("a message of the other kind");
    else if (bytes.length === 0 || bytes.includes(10) || bytes.includes(13)) {
      this.#fault = new Error(
        `a message is not one line: ${JSON.stringify(new TextDecoder().decode(bytes))}`,
      );
    } else this.#heard.push(encoder.encode(`${new TextDecoder().decode(bytes)}\r\n`));
    this.#wake();
  }
}
