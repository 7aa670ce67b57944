/** Restores saved facts at start, each kind to the service that owns it. */
import type { SavedFact } from "../../log/fact.ts";
import type { FactKind } from "../log/facts.ts";
import type { HubContext, Services } from "../context.ts";

/** Restores the fact saved under `key`; `value` is untrusted data. Throws if it is not usable. */
type RestoreFact = (
  services: Services,
  key: string,
  value: unknown,
  seq: number,
) => void;

const RESTORE: Readonly<Record<FactKind, RestoreFact>> = {
  account: ({ accounts }, key, value) => accounts.restore(key, value),
  archive_order: ({ archiveOrders }, key, value) => archiveOrders.unconfirmed.restore(key, value),
  archive_trust: ({ archiveOrders }, _key, value, seq) => archiveOrders.unconfirmed.restoreTrust(value, seq),
  ban: ({ bans }, key, value) => bans.restore(key, value),
  calendar: ({ dutyCalendars }, key, value) => dutyCalendars.restore(key, value),
  escalation: ({ escalationLists }, key, value) => escalationLists.restore(key, value),
  former_owner: ({ formerOwners }, key, value) => formerOwners.restore(key, value),
  marker: ({ readMarkers }, key, value, seq) => readMarkers.restore(key, value, seq),
  metadata: ({ metadata }, key, value) => metadata.restore(key, value),
  notify: ({ notifyUrls }, key, value) => notifyUrls.restore(key, value),
  oper: ({ serverOperators }, key, value) => serverOperators.restore(key, value),
  page: ({ pages }, key, value) => pages.restore(key, value),
  question: ({ questions }, key, value) => questions.restore(key, value),
  retained: ({ history }, key, value, seq) => history.retained.restoreFact(key, value, seq),
  room: ({ channelSettings }, key, value, seq) => channelSettings.restore(key, value, seq),
  scheduled: ({ scheduledMessages }, key, value) => scheduledMessages.restore(key, value),
  secret: ({ decoyCredentials }, _key, value) => decoyCredentials.restore(value),
  shown: ({ replayPositions }, key, value) => replayPositions.restore(key, value),
  token: ({ accountTokens }, key, value) => accountTokens.restore(key, value),
  topic: ({ history }, key, value, seq) => history.restoreTopic(key, value, seq),
  waiting: ({ offlineMessages }, key, value) => offlineMessages.restore(key, value),
};

/**
 * The safe default for a fact that cannot be read. Returns a description of the default; throws if even the key is
 * unusable. The fact's `seq` is not known here. A fact of a kind that is not listed has no default and is ignored.
 */
const RESTORE_UNREADABLE: Readonly<
  Partial<Record<FactKind, (context: HubContext, services: Services, key: string, value: unknown) => string>>
> = {
  account(_context, { accounts, formerOwners }, key, value) {
    const { name, owner } = (value ?? {}) as { name?: unknown; owner?: unknown };
    if (typeof owner === "string") formerOwners.add(owner);
    return accounts.restoreUnreadable(key, name);
  },
  ban: (context, { bans }, key) => bans.restoreUnreadable(key, context.config.serverName, context.now),
  former_owner: (_context, { formerOwners }, key) => formerOwners.restoreUnreadable(key),
  page: (_context, { pages }, key) => pages.restoreUnreadable(key),
  room: (context, { channelSettings }, key) => channelSettings.restoreUnreadable(key, context.now),
};

/** Bound on unreadable facts that are reported one by one; the rest is reported as a count. */
const MAX_FAULTS_TOLD = 100;

/** Restores `facts`; a fact that cannot be restored is reported, and its safe default applies. */
export function restoreAll(context: HubContext, services: Services, facts: readonly SavedFact[]): void {
  let faults = 0;
  for (const fact of facts) {
    const why = fact.fault ?? restoreFact(services, fact);
    if (why === undefined) continue;
    const instead = restoreUnreadable(context, services, fact);
    if (++faults > MAX_FAULTS_TOLD) continue;
    context.report({ kind: "fact_unreadable", fact: fact.kind, key: fact.key, why, instead });
  }
  services.archiveOrders.unconfirmed.sort();
  if (faults > MAX_FAULTS_TOLD) {
    context.report({ kind: "facts_unreadable", more: faults - MAX_FAULTS_TOLD });
  }
}

/** Restores a saved fact; returns why it cannot be used, as a clause, or undefined. */
function restoreFact(
  services: Services,
  { kind, key, value, seq }: SavedFact,
): string | undefined {
  if (!isFactKind(kind)) return "its kind is unknown to this version";
  try {
    RESTORE[kind](services, key, JSON.parse(value ?? "", rejectLineBreaks), seq);
    return undefined;
  } catch (error) {
    return `its value is not valid: ${error instanceof Error ? error.message : String(error)}`;
  }
}

function restoreUnreadable(context: HubContext, services: Services, { kind, key, value }: SavedFact): string {
  try {
    const found = isFactKind(kind)
      ? RESTORE_UNREADABLE[kind]?.(context, services, key, tryParse(value))
      : undefined;
    return found ?? "it is ignored";
  } catch {
    return "it is ignored";
  }
}

function isFactKind(kind: string): kind is FactKind {
  return Object.hasOwn(RESTORE, kind);
}

function tryParse(value: string | undefined): unknown {
  try {
    return JSON.parse(value ?? "", rejectLineBreaks);
  } catch {
    return undefined;
  }
}

/** Rejects line breaks and NUL: data edited outside the server could otherwise inject lines into the protocol. */
function rejectLineBreaks(_key: string, value: unknown): unknown {
  if (typeof value === "string" && /[\r\n\0]/.test(value)) {
    throw new TypeError("a text contains a line break or NUL");
  }
  return value;
}
