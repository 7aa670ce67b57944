/**
 * KEYSHARE (our own; docs/protocol/keyshare.md): the key of a name, encrypted, on its way to another client.
 *
 *     KEYSHARE PUT <name> <id> <parcel>   KEYSHARE PUT <id> <until> <page>|*
 *     KEYSHARE GET <id>                   KEYSHARE GET <id> <parcel>
 *     KEYSHARE WITHDRAW <id>              KEYSHARE WITHDRAW <id>
 *                                         KEYSHARE FETCHED <id> :<address>
 *                                         KEYSHARE EXPIRED <id>
 */
import { isKeyParcel, isKeyParcelId, MAX_KEY_PARCEL_LENGTH } from "../../../irc/key_share.ts";
import type { Message } from "../../../irc/message.ts";
import { nickFault } from "../../../irc/names/new_name_rules.ts";
import type { HubContext, Services } from "../../context.ts";
import { needMoreParams } from "../../fanout/replies.ts";
import { isTemporaryOwner } from "../../model/identifiers.ts";
import { accountOf, ownerOf } from "../../model/state/entities.ts";
import type { Session } from "../../model/state/entities.ts";
import { formatTimestamp } from "../../output/render.ts";
import { nameRefusal } from "../../policy/name_availability.ts";
import {
  KEY_PARCEL_TTL_MS,
  MAX_KEY_PARCELS,
  MAX_KEY_PARCELS_PER_ADDRESS,
} from "../../services/accounts/key_parcels.ts";
import type { KeyParcel } from "../../services/accounts/key_parcels.ts";
import { retryText } from "../../services/accounts/passwords.ts";
import type { VerbTable } from "../verb.ts";

function keyShare(context: HubContext, services: Services, session: Session, message: Message): void {
  const [word = "", ...params] = message.params;
  switch (word.toUpperCase()) {
    case "PUT":
      return putParcel(context, services, session, params);
    case "GET":
      return getParcel(context, services, session, params);
    case "WITHDRAW":
      return withdrawParcel(context, services, session, params);
    default:
      return failKeyShare(context, session, "SUBCOMMAND_INVALID", "Use PUT, GET or WITHDRAW");
  }
}

function failKeyShare(
  context: HubContext,
  session: Session,
  code: string,
  text: string,
  about: readonly string[] = [],
): void {
  context.fail(session, "KEYSHARE", code, about, text);
}

/** Sends `KEYSHARE <words>`, without the name of the client, which may have none. */
function sendKeyShare(context: HubContext, session: Session, words: string): void {
  context.send(session, `:${context.config.serverName} KEYSHARE ${words}`);
}

/** `PUT <name> <id> <parcel>`: for the session's own name. */
function putParcel(
  context: HubContext,
  services: Services,
  session: Session,
  [name, id, content]: readonly string[],
): void {
  if (name === undefined || id === undefined || content === undefined) {
    return needMoreParams(context, session, "KEYSHARE");
  }
  const owner = ownerOf(session);
  if (!mayShare(context, services, session, name)) {
    const text = "Log in to the account of this name, or claim the name with its key";
    return failKeyShare(context, session, "NAME_NOT_YOURS", text, [name]);
  }
  const { keyParcels } = services;
  if (!isKeyParcelId(id) || !isKeyParcel(content) || keyParcels.isUsed(id)) {
    const text = "Expected a new id of 22 characters of base64url, and a parcel of at most " +
      `${MAX_KEY_PARCEL_LENGTH} characters of base64url`;
    return failKeyShare(context, session, "INVALID_PARCEL", text);
  }
  endExpiredParcels(context, services);
  const former = keyParcels.ofOwner(owner);
  if (former !== undefined) endUnfetched(context, services, former);
  if (keyParcels.isFull) {
    const text = `This server has reached its limit of ${MAX_KEY_PARCELS} parcels; try again later`;
    return failKeyShare(context, session, "TEMPORARILY_UNAVAILABLE", text);
  }
  if (keyParcels.isFullFor(session.host)) {
    const text = `Your address has left ${MAX_KEY_PARCELS_PER_ADDRESS} parcels that wait; try again later`;
    return failKeyShare(context, session, "TEMPORARILY_UNAVAILABLE", text);
  }
  keyParcels.add({ id, session, owner, content, expiresAt: context.monotonic + KEY_PARCEL_TTL_MS });
  const until = formatTimestamp(context.now + KEY_PARCEL_TTL_MS);
  sendKeyShare(context, session, `PUT ${id} ${until} ${context.config.pageUrl ?? "*"}`);
}

/**
 * Whether `session` has `name`, and may have it again: it is logged in to the account of that name; or no account has
 * it, the session has a claim key, no user with another one has the name, and a user could take it.
 */
function mayShare(context: HubContext, services: Services, session: Session, name: string): boolean {
  const account = services.accounts.get(name);
  if (account !== undefined) return accountOf(session) === account;
  const owner = ownerOf(session);
  const holder = context.state.user(name);
  return owner !== "" && !isTemporaryOwner(owner) && accountOf(session) === undefined &&
    (holder === undefined || holder.owner === owner) &&
    nickFault(name) === undefined && !services.accounts.isUnreadable(name) &&
    nameRefusal(context, services, session, name) === undefined;
}

/** `GET <id>`, also before registration: removes the parcel. A wrong id counts as a wrong token. */
function getParcel(
  context: HubContext,
  services: Services,
  session: Session,
  [id]: readonly string[],
): void {
  if (id === undefined) return needMoreParams(context, session, "KEYSHARE");
  endExpiredParcels(context, services);
  const { attemptLimits, keyParcels } = services;
  const parcel = keyParcels.get(id);
  if (parcel !== undefined) {
    keyParcels.end(parcel, "fetched");
    sendKeyShare(context, session, `GET ${id} ${parcel.content}`);
    return sendKeyShare(context, parcel.session, `FETCHED ${id} :${session.host}`);
  }
  switch (keyParcels.endOf(id)) {
    case "fetched":
      return failKeyShare(context, session, "ALREADY_FETCHED", "The code has been used already");
    case "over":
      return failKeyShare(context, session, "PARCEL_EXPIRED", "The code has expired or was withdrawn");
  }
  const waitMs = attemptLimits.tokens.take(session.host, context.monotonic);
  if (waitMs > 0) {
    const text = `Too many wrong codes or tokens from your address; ${retryText(waitMs)}`;
    return failKeyShare(context, session, "TEMPORARILY_UNAVAILABLE", text);
  }
  context.recordLoginFailure(session);
  failKeyShare(context, session, "NO_SUCH_PARCEL", "There is no such code for this name");
}

/** `WITHDRAW <id>`: a parcel that the session itself has left. */
function withdrawParcel(
  context: HubContext,
  { keyParcels }: Services,
  session: Session,
  [id]: readonly string[],
): void {
  if (id === undefined) return needMoreParams(context, session, "KEYSHARE");
  const parcel = keyParcels.get(id);
  if (parcel?.session !== session) {
    return failKeyShare(context, session, "NO_SUCH_PARCEL", "You have left no such parcel");
  }
  keyParcels.end(parcel, "over");
  sendKeyShare(context, session, `WITHDRAW ${id}`);
}

/** Ends expired parcels, and tells the sessions that left them. */
export function endExpiredParcels(context: HubContext, { keyParcels }: Services): void {
  for (const { session, id } of keyParcels.expire(context.monotonic)) {
    sendKeyShare(context, session, `EXPIRED ${id}`);
  }
}

/** Ends a parcel in the place of which its owner leaves another one, and tells the session that left it. */
function endUnfetched(context: HubContext, { keyParcels }: Services, parcel: KeyParcel): void {
  keyParcels.end(parcel, "over");
  sendKeyShare(context, parcel.session, `EXPIRED ${parcel.id}`);
}

export const KEY_SHARE_VERBS: VerbTable = {
  KEYSHARE: { min: 1, who: "anyone", run: keyShare },
};
