/** The addresses of one chat, as people write them: one, or several with commas between them. */
import { formatAddress, parseServerUrl } from "./address.ts";
import type { Address } from "./address.ts";

/** Most addresses of one chat. */
export const MAX_SERVERS = 8;

export type ParsedServerList =
  | { readonly kind: "ok"; readonly addresses: readonly [Address, ...Address[]] }
  | { readonly kind: "bad"; readonly why: string };

/** Parses addresses, each in a form that {@link parseServerUrl} accepts, with commas and blanks between them. */
export function parseServerList(text: string): ParsedServerList {
  const urls = splitUrls(text);
  if (urls.length > MAX_SERVERS) {
    return { kind: "bad", why: `${urls.length} addresses; at most ${MAX_SERVERS} are possible` };
  }
  const addresses: Address[] = [];
  const seen = new Set<string>();
  for (const url of urls) {
    if (url === "") return { kind: "bad", why: "there is nothing before or behind a comma" };
    const address = parseServerUrl(url);
    if (address.kind === "bad") return { kind: "bad", why: `${url}: ${address.why}` };
    const where = formatAddress(address);
    if (seen.has(where)) return { kind: "bad", why: `${where} is in the list twice` };
    seen.add(where);
    addresses.push(address);
  }
  return { kind: "ok", addresses: addresses as [Address, ...Address[]] };
}

/** The path of a Unix socket may have commas: what is behind one has a scheme, or belongs to the path. */
function splitUrls(text: string): string[] {
  const urls: string[] = [];
  for (const part of text.split(",")) {
    const previous = urls.at(-1);
    const isPath = previous !== undefined && /^\s*unix:/i.test(previous) &&
      !/^\s*(?:ircs?:\/\/|unix:)/i.test(part);
    if (isPath) urls[urls.length - 1] = `${previous},${part}`;
    else urls.push(part);
  }
  return urls.map((url) => url.trim());
}
