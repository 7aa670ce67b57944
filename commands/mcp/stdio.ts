/** The standard streams as the connection to an MCP client. Loaded by `chatterbox mcp` alone. */
import type { JSONRPCMessage } from "@modelcontextprotocol/server";
import { serveStdio, StdioServerTransport } from "@modelcontextprotocol/server/stdio";
import { Writable } from "node:stream";
import { callAfter } from "../../lib/base/deadlines.ts";
import { MAX_LAST_FLUSH_MS } from "../../lib/cli/standard_streams.ts";
import { makeMcpServer } from "./mcp_server.ts";
import type { McpServerOptions } from "./mcp_server.ts";

/** Faults of the client's input that are reported; a client that sends garbage does not fill a log. */
export const MAX_REPORTED_FAULTS = 20;
/** Of a fault so much is reported, in UTF-16 code units. */
const FAULT_TEXT_LENGTH = 150;
/** Longest message of a client, in bytes: behind it the connection ends. */
export const MAX_CLIENT_MESSAGE_BYTES = 1024 * 1024;
/** Bytes that wait for the client to read them: behind them the connection ends. */
export const MAX_UNREAD_BYTES = 16 * 1024 * 1024;

/**
 * Serves one client until it closes its end, or `signal` is aborted. `onEnd` is called before calls that run are aborted,
 * `finish` while they may still be answered.
 */
export async function serveClient(
  options: McpServerOptions,
  signal: AbortSignal,
  { onEnd, finish }: { readonly onEnd: () => void; readonly finish: () => Promise<void> },
): Promise<void> {
  const { report } = options.agent;
  const { promise: ended, resolve } = Promise.withResolvers<void>();
  const transport = new EndingTransport(() => {
    onEnd();
    resolve();
  });
  let faults = 0;
  const handle = serveStdio(({ era }) => makeMcpServer(options, era), {
    transport,
    onerror: (error) => {
      if (++faults > MAX_REPORTED_FAULTS) return;
      const more = faults === MAX_REPORTED_FAULTS ? "; further ones are not reported" : "";
      report(`a fault of the client: ${describeFault(error)}${more}`);
    },
  });
  signal.addEventListener("abort", () => resolve(), { once: true });
  if (signal.aborted) resolve();
  await ended;
  onEnd();
  await finish();
  await handle.close();
  await transport.flush();
}

/** The SDK's words, which may be many lines of JSON. */
function describeFault({ message }: Error): string {
  return message.replace(/\s+/g, " ").slice(0, FAULT_TEXT_LENGTH);
}

/**
 * Writes do not wait for the client: `process.stdout` would, and with it everything else, where the client does not read
 * its end of the pipe.
 */
class EndingTransport extends StdioServerTransport {
  readonly #onEnd: () => void;
  readonly #output: Writable;

  constructor(onEnd: () => void) {
    const output = makeOutput();
    super(undefined, output, { maxBufferSize: MAX_CLIENT_MESSAGE_BYTES });
    this.#onEnd = onEnd;
    this.#output = output;
  }

  override send(message: JSONRPCMessage): Promise<void> {
    if (this.#output.writableLength > MAX_UNREAD_BYTES) {
      this.onerror?.(new Error(`it does not read: ${MAX_UNREAD_BYTES} bytes wait for it`));
      return this.close();
    }
    this.#output.write(`${JSON.stringify(message)}\n`);
    return Promise.resolve();
  }

  override close(): Promise<void> {
    this.#onEnd();
    return super.close();
  }

  /** Resolves when everything is written, the client has gone, or it does not read for too long. */
  async flush(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const callOff = callAfter(MAX_LAST_FLUSH_MS, resolve);
    this.#output.end(() => resolve());
    await promise;
    callOff();
  }
}

function makeOutput(): Writable {
  return new Writable({
    write(bytes: Uint8Array, _encoding, done) {
      writeAll(bytes).then(() => done(), done);
    },
  });
}

async function writeAll(bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) at += await Deno.stdout.write(bytes.subarray(at));
}
