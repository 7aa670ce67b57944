/** Where transcripts run. */
import type { Transcript } from "./transcript.ts";

export const PLACES = ["the pure hub", "TCP", "a Unix socket", "TLS", "WebSocket"] as const;

export type PlaceName = typeof PLACES[number];

/** The places that `transcript` is for. */
export function placesOf({ needsClock, over }: Transcript): PlaceName[] {
  return PLACES.filter((name) => {
    if (needsClock && name !== "the pure hub") return false; // a real server's clock can't be moved
    if (over === "plain") return name !== "TLS";
    return over === undefined || over === name;
  });
}
