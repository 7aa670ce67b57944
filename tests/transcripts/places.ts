/** Where transcripts run. */
import type { Transcript } from "./transcript.ts";

/** Where a transcript drives the hub itself, and so its clock. */
const HUBS = ["the pure hub", "the pure hub on a log in memory", "the pure hub with an archive"] as const;
export const PLACES = [...HUBS, "TCP", "a Unix socket", "TLS", "WebSocket"] as const;

export type PlaceName = typeof PLACES[number];

export function isHub(place: PlaceName): boolean {
  return (HUBS as readonly PlaceName[]).includes(place);
}

/** The places that `transcript` is for. */
export function placesOf({ needsClock, withoutArchive, over }: Transcript): PlaceName[] {
  return PLACES.filter((name) => {
    if (withoutArchive && name === "the pure hub with an archive") return false;
    if (needsClock && !isHub(name)) return false; // a real server's clock can't be moved
    if (over === "plain") return name !== "TLS";
    return over === undefined || over === name;
  });
}
