/**
 * NODES: the nodes of a cluster (our own; docs/protocol/nodes.md). Lines
 * `NODES <name> <role> <lag> <sessions> <since> <relay|*> :<version>`, and a final `NODES *`.
 */
import type { HubContext, Services } from "../../context.ts";
import { QUERY_MAX_ROWS } from "../../model/config.ts";
import { accountOf, type Session } from "../../model/state/entities.ts";
import { formatTimestamp } from "../../output/render.ts";
import { isServerOperatorAccount } from "../../policy/server_bans.ts";
import type { VerbTable } from "../verb.ts";

/** Not told, or nothing that fits a parameter. */
const NONE = "*";
const WORD = /^[!-9;-~][!-~]*$/;

function sendNodes(context: HubContext, services: Services, session: Session): void {
  const { serverName, nodes } = context.config;
  if (nodes === undefined) {
    return context.fail(session, "NODES", "NO_CLUSTER", [], "This server is no node of a cluster");
  }
  const isOperator = session.user?.isServerOperator === true ||
    isServerOperatorAccount(services, accountOf(session));
  for (const { node, role, lag, sessions, startedAt, relay, version } of nodes().slice(0, QUERY_MAX_ROWS)) {
    const place = isOperator ? toWord(relay) : NONE;
    const since = formatTimestamp(startedAt);
    context.send(
      session,
      `:${serverName} NODES ${toWord(node)} ${role} ${lag} ${sessions} ${since} ${place} :${toWord(version)}`,
    );
  }
  context.send(session, `:${serverName} NODES ${NONE}`);
}

/** What a node says of itself is its own text. */
function toWord(text: string): string {
  return WORD.test(text) ? text : NONE;
}

export const NODE_VERBS: VerbTable = {
  NODES: { min: 0, who: "session", run: sendNodes },
};
