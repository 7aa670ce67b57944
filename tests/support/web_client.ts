/**
 * A WebSocket client that sends what it is told to, right or wrong (RFC 6455). Unlike the platform's it does not wait between
 * small messages; as a connection it takes and gives lines with CR LF.
 */
import { concatBytes, encodeUtf8 } from "../../lib/base/bytes.ts";
import type { Conn } from "../../lib/net/conn.ts";
import { writeAll } from "../../lib/net/conn.ts";
import { inTime } from "./guard.ts";

export interface Frame {
  readonly opcode: number;
  readonly final: boolean;
  readonly payload: Uint8Array;
}

export interface FrameForm {
  readonly opcode?: number;
  readonly final?: boolean;
  readonly masked?: boolean;
  /** RSV1 to RSV3. */
  readonly reserved?: number;
}

const MASK = [0x12, 0xa7, 0x5b, 0xfe];
const CR_LF = encodeUtf8("\r\n");

/** One frame of a client's. */
export function clientFrame(payload: Uint8Array, form: FrameForm = {}): Uint8Array<ArrayBuffer> {
  const { opcode = 1, final = true, masked = true, reserved = 0 } = form;
  const { length } = payload;
  const head = [(final ? 128 : 0) | reserved << 4 | opcode];
  if (length < 126) head.push(length);
  else if (length < 65536) head.push(126, length >> 8, length & 255);
  else head.push(127, 0, 0, 0, 0, length >>> 24, length >>> 16 & 255, length >>> 8 & 255, length & 255);
  if (!masked) return concatBytes([new Uint8Array(head), payload]);
  head[1]! |= 128;
  return concatBytes([
    new Uint8Array([...head, ...MASK]),
    payload.map((byte, index) => byte ^ MASK[index % 4]!),
  ]);
}

/** The head of a request that asks for WebSocket; `headers` replace or add. */
export function handshake(headers: Record<string, string | undefined> = {}, target = "/"): string {
  const all: Record<string, string | undefined> = {
    Host: "127.0.0.1",
    Upgrade: "websocket",
    Connection: "Upgrade",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==", // that of RFC 6455 §1.3
    ...headers,
  };
  const lines = Object.entries(all).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}: ${value}`]
  );
  return `GET ${target} HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\n`;
}

export class WebClient implements Conn {
  readonly #conn: Conn;
  readonly #opcode: number;
  #bytes: Uint8Array;
  #rest = "";
  #line: Uint8Array = new Uint8Array(0);
  /** The head of the answer to the handshake. */
  readonly answer: string;

  private constructor(conn: Conn, answer: string, bytes: Uint8Array, opcode: number) {
    this.#conn = conn;
    this.answer = answer;
    this.#bytes = bytes;
    this.#opcode = opcode;
  }

  /** Over `conn`; throws with what it got instead where WebSocket is refused. */
  static async over(conn: Conn, form: "text" | "binary" = "text"): Promise<WebClient> {
    await writeAll(conn, encodeUtf8(handshake({ "Sec-WebSocket-Protocol": `${form}.ircv3.net` })));
    let bytes = new Uint8Array(0);
    const buffer = new Uint8Array(4096);
    for (;;) {
      const length = await inTime("an answer to the handshake", conn.read(buffer));
      if (length === null) throw new Error(new TextDecoder().decode(bytes) || "no answer");
      bytes = concatBytes([bytes, buffer.subarray(0, length)]);
      const text = new TextDecoder("latin1").decode(bytes);
      const end = text.indexOf("\r\n\r\n");
      if (end < 0) continue;
      if (!text.startsWith("HTTP/1.1 101 ")) throw new Error(text);
      return new WebClient(conn, text.slice(0, end), bytes.slice(end + 4), form === "text" ? 1 : 2);
    }
  }

  static async connect(port: number, form: "text" | "binary" = "text"): Promise<WebClient> {
    const conn = await Deno.connect({ hostname: "127.0.0.1", port });
    conn.setNoDelay(true);
    return await WebClient.over(conn, form);
  }

  /** Bytes as they are. */
  send(bytes: Uint8Array): Promise<void> {
    return writeAll(this.#conn, bytes);
  }

  /** The next frame; undefined at the end. */
  frame(): Promise<Frame | undefined> {
    return inTime("a frame", this.#frame());
  }

  async #frame(): Promise<Frame | undefined> {
    for (;;) {
      const whole = frameAt(this.#bytes);
      if (whole !== undefined) {
        this.#bytes = this.#bytes.slice(whole.length);
        return whole.frame;
      }
      const buffer = new Uint8Array(4096);
      const length = await this.#conn.read(buffer).catch(() => null);
      if (length === null) return undefined;
      this.#bytes = concatBytes([this.#bytes, buffer.subarray(0, length)]);
    }
  }

  /** Throws where a message is not one line of the kind that was agreed on. Answers no PING of WebSocket's. */
  async read(buffer: Uint8Array<ArrayBuffer>): Promise<number | null> {
    while (this.#line.length === 0) {
      const next = await this.#frame();
      if (next === undefined || next.opcode === 8) return null;
      const { opcode, payload } = next;
      if (opcode !== this.#opcode || payload.length === 0 || payload.includes(10) || payload.includes(13)) {
        throw new Error(`opcode ${opcode}: ${JSON.stringify(new TextDecoder().decode(payload))}`);
      }
      this.#line = concatBytes([payload, CR_LF]);
    }
    const count = Math.min(this.#line.length, buffer.length);
    buffer.set(this.#line.subarray(0, count));
    this.#line = this.#line.subarray(count);
    return count;
  }

  async write(bytes: Uint8Array): Promise<number> {
    const lines = (this.#rest + new TextDecoder().decode(bytes)).split("\r\n");
    this.#rest = lines.pop()!;
    await this.send(
      concatBytes(lines.map((line) => clientFrame(encodeUtf8(line), { opcode: this.#opcode }))),
    );
    return bytes.length;
  }

  closeWrite(): Promise<void> {
    return this.send(clientFrame(new Uint8Array([3, 232]), { opcode: 8 }));
  }

  close(): void {
    this.#conn.close();
  }
}

function frameAt(bytes: Uint8Array): { frame: Frame; length: number } | undefined {
  if (bytes.length < 2) return undefined;
  const short = bytes[1]!;
  if (short > 127) throw new Error("a server's frame is masked");
  const size = short < 126 ? 0 : short === 126 ? 2 : 8;
  const head = 2 + size;
  if (bytes.length < head) return undefined;
  const length = size === 0 ? short : bytes.subarray(2, head).reduce((sum, byte) => sum * 256 + byte, 0);
  if (bytes.length < head + length) return undefined;
  const frame = {
    opcode: bytes[0]! & 127,
    final: bytes[0]! > 127,
    payload: bytes.slice(head, head + length),
  };
  return { frame, length: head + length };
}
