/** Where a front of a cluster's node relays its sessions to, as its own hub tells it. */
import type { RelayPlace } from "../../net/relay_dialer.ts";
import { parseJson } from "../relay/front_setup.ts";

export type RelayTarget =
  /** No node leads, as far as this one knows. `isCutOff`: it knows nothing of the others, and its clients have to go to them. */
  | { readonly kind: "none"; readonly isCutOff?: true }
  /** The node's own hub leads. */
  | { readonly kind: "own" }
  /** Another node leads. `secret`: of the cluster, in base64. */
  | {
    readonly kind: "other";
    readonly host: string;
    readonly port: number;
    readonly certificate: string;
    readonly secret: string;
  };

export function formatTarget(target: RelayTarget): string {
  return JSON.stringify(target);
}

export function parseTarget(text: string): RelayTarget {
  return parseJson<RelayTarget>(text);
}

/** Undefined: there is no hub to relay to. `own`: path of the own hub's socket. */
export function placeOf(target: RelayTarget, own: string): RelayPlace | undefined {
  switch (target.kind) {
    case "none":
      return undefined;
    case "own":
      return { kind: "unix", path: own };
    case "other": {
      const { host, port, certificate, secret } = target;
      return { kind: "network", host, port, certificate, secret: Uint8Array.fromBase64(secret) };
    }
  }
}
