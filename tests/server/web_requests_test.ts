/** Ordinary HTTP requests of the platform's client at a whole server, in clear text and by TLS. */
import { assertEquals } from "@std/assert";
import { makeTlsWrapper } from "../../lib/net/tls/tls_conn.ts";
import { MAX_BODY_BYTES } from "../../lib/net/web/http_body.ts";
import type { HttpHandler } from "../../lib/net/web/http_handler.ts";
import type { HttpUpgrader } from "../../lib/net/web/http_upgrade.ts";
import { webOf } from "../net/http_client.ts";
import { selfSigned } from "../support/certificates.ts";
import { runServer } from "../support/chat_server.ts";
import { comesTrue } from "../support/guard.ts";

const IDENTITY = await selfSigned();

interface Client {
  readonly web: HttpUpgrader;
  readonly isSecure: boolean;
  fetch(path: string, init?: RequestInit): Promise<Response>;
}

/** The same test over both. */
function webTest(name: string, handler: HttpHandler, fn: (client: Client) => Promise<void>): void {
  for (const isSecure of [false, true]) {
    Deno.test(`${name}, ${isSecure ? "by TLS" : "in clear text"}`, async () => {
      const web = webOf(handler);
      const running = await runServer({ web, ...isSecure ? { secure: makeTlsWrapper(IDENTITY) } : {} });
      const { port } = running.address as { port: number };
      const client = Deno.createHttpClient({ caCerts: [IDENTITY.cert] });
      const origin = `${isSecure ? "https" : "http"}://localhost:${port}`;
      try {
        await fn({ web, isSecure, fetch: (path, init) => fetch(`${origin}${path}`, { ...init, client }) });
      } finally {
        client.close();
        await running.stop();
      }
    });
  }
}

const PATTERN = Uint8Array.from({ length: 65_536 }, (_, at) => at * 7 % 251);
const RESPONSE_CHUNKS = 48;

webTest(
  "large bodies arrive whole, both ways, over one connection",
  async (request, { isSecure, host }) => {
    const sent = new Uint8Array(await request.arrayBuffer());
    let left = RESPONSE_CHUNKS;
    const body = new ReadableStream({
      pull: (controller) => left-- > 0 ? controller.enqueue(PATTERN) : controller.close(),
    });
    const isWhole = sent.every((byte, at) => byte === PATTERN[at % PATTERN.length]);
    return new Response(body, {
      headers: { "x-seen": `${request.url.split(":")[0]} ${sent.length} ${isWhole} ${isSecure} ${host}` },
    });
  },
  async ({ fetch, isSecure }) => {
    const body = new Uint8Array(MAX_BODY_BYTES);
    for (let at = 0; at < body.length; at += PATTERN.length) body.set(PATTERN, at);
    for (let count = 0; count < 3; count++) {
      const response = await fetch("/", { method: "POST", body });
      const scheme = isSecure ? "https" : "http";
      assertEquals(response.headers.get("x-seen"), `${scheme} ${MAX_BODY_BYTES} true ${isSecure} 127.0.0.1`);
      const got = new Uint8Array(await response.arrayBuffer());
      assertEquals(got.length, RESPONSE_CHUNKS * PATTERN.length);
      assertEquals(got.every((byte, at) => byte === PATTERN[at % PATTERN.length]), true);
    }
  },
);

webTest(
  "events come one by one, and when the client goes the server knows",
  (_request, { signal }) => {
    let timer: ReturnType<typeof setInterval>;
    let isCancelled = false;
    const body = new ReadableStream({
      start(controller) {
        let count = 0;
        controller.enqueue(new TextEncoder().encode(`data: ${count++}\n\n`));
        timer = setInterval(() => controller.enqueue(new TextEncoder().encode(`data: ${count++}\n\n`)), 1);
        signal.addEventListener("abort", () => {
          clearInterval(timer);
          if (!isCancelled) controller.close(); // the server may have met the end while it wrote
        });
      },
      cancel() {
        isCancelled = true;
        clearInterval(timer);
      },
    });
    return Promise.resolve(new Response(body, { headers: { "content-type": "text/event-stream" } }));
  },
  async ({ fetch, web }) => {
    const reader = (await fetch("/")).body!.pipeThrough(new TextDecoderStream()).getReader();
    let text = "";
    while (!text.includes("data: 3\n\n")) text += (await reader.read()).value ?? "";
    assertEquals(text.startsWith("data: 0\n\ndata: 1\n\ndata: 2\n\n"), true);
    assertEquals(web.exchanges, 1);
    await reader.cancel();
    await comesTrue("the exchange has ended", () => web.exchanges === 0);
  },
);
