/** A server that answers `key share` as a test wants it. */
import { OUR_CAPS } from "../client/fake_server.ts";
import type { Script } from "../client/fake_server.ts";

/** A server of ours that answers each KEYSHARE by `replies`, and goes where they end with "". */
export function serverWithParcels(...replies: readonly string[]): Script {
  return async (peer) => {
    await peer.welcome(OUR_CAPS);
    const [, label, id] = await peer.until(/^@label=(\S+) KEYSHARE PUT alice (\S+) /);
    const [first, ...rest] = replies.map((reply) => reply.replace("ID", id!));
    await peer.send(`@label=${label} :fake ${first}`);
    for (const line of rest) if (line !== "") await peer.send(`:fake ${line}`);
    if (rest.at(-1) === "") peer.close();
    else await peer.gone();
  };
}
