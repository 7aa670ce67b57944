/**
 * The least chat server on this runtime: names, channels, PRIVMSG, PING; no checks, no bounds, no log. It is to be compared
 * with: it shows about what the runtime itself allows. `deno run --allow-net tests/bench/relay.ts PORT`
 */
const encoder = new TextEncoder();
const decoder = new TextDecoder();
const peers = new Map<string, Peer>();
const channels = new Map<string, Channel>();

/** What is said within one turn of the event loop is encoded once, and is one write to each member. */
class Channel {
  readonly members = new Set<Peer>();
  #said: { by: Peer | undefined; line: string }[] = [];

  /** `by` does not get the line. */
  say(line: string, by: Peer | undefined): void {
    if (this.#said.push({ by, line }) === 1) queueMicrotask(() => this.#deliver());
  }

  #deliver(): void {
    const said = this.#said;
    this.#said = [];
    const speakers = new Set(said.map(({ by }) => by));
    const all = encoder.encode(said.map(({ line }) => line).join(""));
    for (const peer of this.members) {
      if (!speakers.has(peer)) peer.write(all);
      else peer.write(encoder.encode(said.map(({ by, line }) => by === peer ? "" : line).join("")));
    }
  }
}

function joined(chunks: Uint8Array[]): Uint8Array {
  if (chunks.length === 1) return chunks[0]!;
  const bytes = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
  let end = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, end);
    end += chunk.length;
  }
  return bytes;
}

class Peer {
  nick = "*";
  #rest = "";
  #waiting: Uint8Array[] = [];
  #writing = false;

  constructor(readonly conn: Deno.TcpConn) {
    conn.setNoDelay(true);
  }

  /** One write is in flight; what gathers behind it is the next one. */
  write(bytes: Uint8Array): void {
    this.#waiting.push(bytes);
    if (!this.#writing) this.#flush().catch(() => {});
  }

  async #flush(): Promise<void> {
    this.#writing = true;
    while (this.#waiting.length > 0) {
      const bytes = joined(this.#waiting.splice(0));
      for (let sent = 0; sent < bytes.length;) sent += await this.conn.write(bytes.subarray(sent));
    }
    this.#writing = false;
  }

  async serve(): Promise<void> {
    const buffer = new Uint8Array(16 * 1024);
    for (let length; (length = await this.conn.read(buffer)) !== null;) {
      const lines = (this.#rest + decoder.decode(buffer.subarray(0, length))).split("\r\n");
      this.#rest = lines.pop()!;
      for (const line of lines) this.#hear(line);
    }
  }

  leave(): void {
    peers.delete(this.nick);
    for (const channel of channels.values()) channel.members.delete(this);
  }

  #hear(line: string): void {
    const [verb, target = "", third] = line.split(" ", 3);
    const from = `:${this.nick}!${this.nick}@127.0.0.1`;
    switch (verb) {
      case "NICK":
        this.nick = target;
        peers.set(target, this);
        break;
      case "USER":
        this.write(encoder.encode(`:relay 001 ${this.nick} :Hello\r\n:relay 422 ${this.nick} :No news\r\n`));
        break;
      case "PING":
        this.write(encoder.encode(`:relay PONG relay ${target}\r\n`));
        break;
      case "CAP":
        if (target === "REQ") this.write(encoder.encode(`:relay CAP * NAK ${third}\r\n`));
        break;
      case "JOIN": {
        const channel = channels.get(target) ?? new Channel();
        channels.set(target, channel);
        channel.members.add(this);
        channel.say(`${from} JOIN ${target}\r\n`, undefined);
        this.write(encoder.encode(`:relay 366 ${this.nick} ${target} :End\r\n`));
        break;
      }
      case "PRIVMSG":
        if (target.startsWith("#")) channels.get(target)?.say(`${from} ${line}\r\n`, this);
        else peers.get(target)?.write(encoder.encode(`${from} ${line}\r\n`));
    }
  }
}

for await (const conn of Deno.listen({ hostname: "127.0.0.1", port: Number(Deno.args[0]) })) {
  const peer = new Peer(conn);
  peer.serve().catch(() => {}).finally(() => peer.leave());
}
