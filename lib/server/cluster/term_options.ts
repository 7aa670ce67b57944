/** A leader's server: nothing that follows from records or facts is told before they are committed. */
import type { Term } from "../../cluster/term.ts";
import type { ServerOptions } from "../server_options.ts";

/** Options of the server of `term` in place of those of a server that saves on its own disk. */
export function termOptions(
  term: Term,
):
  & Required<
    Pick<ServerOptions, "makeDurable" | "whenRoom" | "onFacts" | "sync" | "flushFacts" | "ensureFactsDurable">
  >
  & { readonly diskPatienceMs: undefined } {
  const commit = async () => {
    await term.commit();
    return undefined;
  };
  return {
    makeDurable: () => term.commit(),
    whenRoom: () => term.whenRoom(),
    onFacts: (facts) => term.saveFacts(facts),
    sync: async () => ({ trouble: await commit() }),
    flushFacts: commit,
    ensureFactsDurable: commit,
    diskPatienceMs: undefined, // without a majority nothing rings
  };
}
