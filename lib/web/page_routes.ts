/** The page: its document, and the files that this loads, as `deno task page` has built them (lib/page/build). */
import type { WebApp, WebContext } from "./web_app.ts";
import { problemResponse } from "./problem.ts";
import { readPageFiles } from "./page_files.ts";
import type { PageFile } from "./page_files.ts";

/**
 * Scripts and styles of this server only, none of them inline, and no HTML from strings (Trusted Types). `connect-src`
 * lets the page open a WebSocket to where it comes from. Images of others are loaded where the person asks for one.
 */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' https:",
  "connect-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join("; ");

/** Names have a hash of the content in them, so what is behind one never changes. */
const FOREVER = "public, max-age=31536000, immutable";

/** `folder`: of the build; left out: that of this program. */
export function addPageRoutes(app: WebApp, folder?: URL): void {
  let files: Promise<ReadonlyMap<string, PageFile>> | undefined;
  const serve = async (c: WebContext) => {
    files ??= readPageFiles(folder);
    const file = (await files).get(c.req.path);
    if (file === undefined) return c.req.path === "/" ? refuseUnbuilt() : c.notFound();
    return respond(file, c.req.header("accept-encoding") ?? "");
  };
  app.get("/", serve);
  app.get("/assets/:name", serve);
}

function respond(file: PageFile, accepted: string): Response {
  const isCompressed = file.brotli !== undefined && /\bbr\b/.test(accepted);
  const headers: Record<string, string> = {
    "content-type": file.type,
    "cache-control": file.isDocument ? "no-cache" : FOREVER,
    "vary": "accept-encoding",
  };
  if (file.isDocument) {
    headers["content-security-policy"] = CONTENT_SECURITY_POLICY;
    // What is loaded from others is asked for without cookies.
    headers["cross-origin-embedder-policy"] = "credentialless";
  }
  if (isCompressed) headers["content-encoding"] = "br";
  return new Response(isCompressed ? file.brotli! : file.bytes, { headers });
}

function refuseUnbuilt(): Response {
  return problemResponse({ status: 503, detail: "The page is not built: deno task page builds it." });
}
