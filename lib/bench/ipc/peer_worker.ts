/** A writer or reader as a thread. */
import type { FromPeer, PeerSetup, ToPeer } from "./peer_messages.ts";
import { runPeer } from "./peer.ts";

/** What is used of a worker's global scope. */
interface WorkerScope {
  onmessage: ((event: MessageEvent<PeerSetup | ToPeer>) => void) | null;
  postMessage(message: FromPeer): void;
}

const scope = globalThis as unknown as WorkerScope;
const { readable, writable } = new TransformStream<ToPeer>();
const messages = writable.getWriter();

scope.onmessage = ({ data }) => {
  if ("role" in data) {
    void runPeer(data, {
      messages: readable,
      send: (message) => scope.postMessage(message),
    });
  } else void messages.write(data);
};
