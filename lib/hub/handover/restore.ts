/**
 * Restores presented sessions in a hub that has the log and the facts. Where they differ from a state, they win:
 *
 * - A record after the state (JOIN, PART, KICK, NICK, MODE, RENAME, QUIT) has its effect; the session is sent it if its
 *   front has not received it.
 * - An account that has ended: the session is logged out and told so, and so are those that see the user.
 * - A ban: the session is disconnected. A token that was revoked, or a user that has quit: it is refused.
 * - Two users with one name: that of a client that is connected has it, else the later state; the other session is
 *   refused. A name that a user of this hub has is that user's.
 *
 * Users that the log has in a room and that no front presents are in their grace period.
 */
import { MAX_SESSION_TRIES } from "../../relay/tries.ts";
import { CAP } from "../../irc/capabilities.ts";
import { CapSet } from "../../irc/cap_set.ts";
import {
  announceEndedAccount,
  removeUnpresentedUser,
  restoreInvite,
  restoreObserver,
  restoreUser,
  restoreUserSession,
} from "../apply/session_restore.ts";
import type { SessionToRestore } from "../apply/session_restore.ts";
import type { HubContext, Services } from "../context.ts";
import { scheduleOfflineReplay } from "../fanout/history/offline_replay.ts";
import type { Hub } from "../hub.ts";
import { LARGE_CHANNEL_MEMBERS } from "../model/config.ts";
import { isRememberedOperator } from "../model/channel_settings.ts";
import { UNANNOUNCED } from "../model/channel_modes.ts";
import { accountNameAt } from "../model/state/entities.ts";
import type { Account, Session, User } from "../model/state/entities.ts";
import { enforceBan } from "../policy/ban_service.ts";
import { isLobby } from "../policy/lobby.ts";
import { awaitAgain } from "./await_again.ts";
import { LogWalk, sessionKey } from "./log_walk.ts";
import { areGivenUp } from "./presentation.ts";
import type { PresentedSession, RestoredSession } from "./presentation.ts";
import { readRefusedUser, releaseRefusedUser } from "./refused_users.ts";
import { Redelivery } from "./redelivery.ts";
import type { Catcher } from "./redelivery.ts";
import type { AccountName, SessionState, UserState } from "./session_state.ts";
import { decodeSessionState } from "./state_codec.ts";
import { MemberIndex, UserModel } from "./user_model.ts";
import type { ModelSession, ReadSession } from "./user_model.ts";

/** The presented sessions with states that can be read, and the others with the reason. */
export interface Reading {
  readonly sessions: readonly ReadSession[];
  readonly refused: readonly (RestoredSession & { readonly kind: "refused" })[];
  /** Users of refused sessions, as far as their states can be read. */
  readonly refusedUsers: readonly UserState[];
}

/** Reads states; a session that is presented twice counts by its later state. */
export function readPresented(presented: readonly PresentedSession[]): Reading {
  const refused: Reading["refused"][number][] = [];
  const refusedUsers: UserState[] = [];
  const found = new Map<string, ReadSession>();
  for (const each of presented.toSorted((a, b) => b.stateSeq - a.stateSeq)) {
    if ((each.tries ?? 0) >= MAX_SESSION_TRIES) {
      refused.push(refuse(each, "The server ended each time it was given the session; connect again"));
      const user = readRefusedUser(each.state);
      if (user !== undefined) refusedUsers.push(user);
      continue;
    }
    const outcome = decodeSessionState(each.state);
    if (outcome.kind === "invalid") {
      refused.push(refuse(each, `The state of the session is not valid: ${outcome.why}`));
    } else if (found.has(sessionKey(each))) refused.push(refuse(each, "The session was presented twice"));
    else if (!isInOrder(each)) refused.push(refuse(each, "A line of the session is missing"));
    else found.set(sessionKey(each), { presented: each, state: outcome.state });
  }
  return { sessions: [...found.values()], refused, refusedUsers };
}

function isInOrder({ answered, lines }: PresentedSession): boolean {
  return lines.every(({ number }, nth) => number === answered + 1 + nth);
}

function refuse(presented: PresentedSession, why: string): RestoredSession & { kind: "refused" } {
  return { kind: "refused", presented, why };
}

/** Users that the log has in rooms, and that may be presented later. */
export type UnpresentedUsers = Set<User>;

export class Restoration {
  readonly #hub: Hub;
  readonly #context: HubContext;
  readonly #services: Services;
  readonly #now: number;
  readonly #unpresented: UnpresentedUsers;
  readonly #outcomes: RestoredSession[] = [];
  readonly #catchers: Catcher[] = [];
  /** Users with an account that has ended: its name. */
  readonly #loggedOut = new Map<User, string>();
  /** Sessions with states that the log has changed. */
  readonly changed: Session[] = [];

  constructor(hub: Hub, unpresented: UnpresentedUsers, now: number) {
    this.#hub = hub;
    this.#context = hub.context;
    this.#services = hub.services;
    this.#unpresented = unpresented;
    this.#now = now;
  }

  /** `opened`: called for each session as soon as it is there, with the last line that is in the log. */
  run(
    { sessions, refusedUsers }: Reading,
    opened: (session: Session, presented: PresentedSession, lastLine: number) => void,
  ): readonly RestoredSession[] {
    const index = new MemberIndex();
    const users = sessions.flatMap((read) =>
      read.state.phase.kind === "user" ? modelOf(read, read.state.phase, index) : []
    );
    const walk = new LogWalk(users, index, sessions, this.#walkRules());
    walk.run(this.#context.log);
    for (const { session, quitReason } of users) {
      if (quitReason !== undefined) this.#outcomes.push(refuse(session.presented, quitReason));
    }
    const present = users.filter(({ quitReason }) => quitReason === undefined);
    for (const models of groupByNick(present)) this.#restoreNamed(models, walk);
    for (const read of sessions) {
      if (read.state.phase.kind === "observer") this.#restoreObserver(read, walk);
    }
    for (const user of walk.unpresented) this.#restoreUnpresented(user);
    for (const { session, read, lastLine } of this.#catchers) opened(session, read.presented, lastLine);
    new Redelivery(this.#hub, this.#catchers, this.#now).run(walk.missed);
    for (const catcher of this.#catchers) this.#complete(catcher);
    for (const [user, name] of this.#loggedOut) {
      announceEndedAccount(this.#context, this.#services, user, name);
    }
    for (const user of refusedUsers) {
      releaseRefusedUser(this.#context, this.#services, this.#unpresented, user);
    }
    for (const { session } of this.#catchers) enforceBan(this.#context, this.#services, session);
    for (const { session, read: { presented: { endReason } } } of this.#catchers) {
      if (endReason !== undefined) this.#hub.close(session, endReason, this.#now, true);
    }
    return this.#outcomes;
  }

  #walkRules(): ConstructorParameters<typeof LogWalk>[3] {
    const { config } = this.#context;
    const { accounts, channelSettings, history } = this.#services;
    return {
      accountNameAt: (owner, time) => accountNameAt(accounts.byOwner(owner), time),
      largeChannel: config.largeChannel ?? LARGE_CHANNEL_MEMBERS,
      isOperatorOnEntry: (folded, { session }) => {
        const settings = history.channels.get(folded)?.settings;
        const account = session && this.#accountOf(session.user.account);
        return !isLobby(this.#context, folded) &&
          (!channelSettings.hasRememberedOperator(settings) || isRememberedOperator(settings, account));
      },
    };
  }

  /** The account of a state; undefined: there was none, or it has ended. */
  #accountOf(name: AccountName | undefined): Account | undefined {
    const account = name && this.#services.accounts.get(name.name);
    return account?.owner === name?.owner ? account : undefined;
  }

  /** Restores the user that has a name now, with its sessions. */
  #restoreNamed(models: readonly PresentedModel[], walk: LogWalk): void {
    const hasLeft = ({ session: { presented } }: PresentedModel) => Number(presented.endReason !== undefined);
    const [latest, ...others] = models.toSorted((a, b) => hasLeft(a) - hasLeft(b) || b.stateSeq - a.stateSeq);
    const user = this.#userFor(latest!);
    for (const model of [latest!, ...others]) {
      const { session } = model;
      const isSame = session.user.owner === latest!.session.user.owner && model.source === latest!.source;
      if (user === undefined || !isSame) {
        this.#outcomes.push(refuse(session.presented, "The name is in use by another user"));
        continue;
      }
      if (this.#refuseToken(session)) continue;
      const restored = restoreUserSession(this.#context, this.#services, user, sessionOf(session));
      if (user.sessions.length === 1) this.#restoreOwned(user, restored, session.user);
      this.#add(session, restored, walk);
      if (model.isChanged || model !== latest) this.changed.push(restored);
    }
    if (user !== undefined && user.sessions.length === 0) this.#unpresented.add(user);
  }

  /** The user of `model`, restored if it is not there; undefined: another user has the name. */
  #userFor({ nick, source, session: { user: state }, rooms }: PresentedModel): User | undefined {
    const known = this.#context.state.user(nick);
    const isUnpresented = known !== undefined && this.#unpresented.delete(known) &&
      known.sessions.length === 0;
    if (isUnpresented && known.source === source) {
      removeUnpresentedUser(this.#context, this.#services, known);
    } else if (known !== undefined) {
      return known.source === source && known.owner === state.owner ? known : undefined;
    }
    const account = this.#accountOf(state.account);
    const { serverOperators, accounts } = this.#services;
    const grantor = state.operatorBy === "" ? undefined : accounts.byOwner(state.operatorBy);
    const isOperatorByPassword = serverOperators.has(grantor);
    const user = restoreUser(this.#context, this.#services, {
      ...state,
      nick,
      account,
      isOperatorByPassword,
      rooms: rooms.values(),
    });
    if (isOperatorByPassword) serverOperators.addByPassword(grantor!, user);
    if (state.account !== undefined && account === undefined) this.#loggedOut.set(user, state.account.name);
    return user;
  }

  /** What a user without an account keeps as long as it has a session, and its invitations. */
  #restoreOwned(user: User, session: Session, state: UserState): void {
    const { metadata, readMarkers, replayPositions } = this.#services;
    for (const [name, seq] of state.invites) {
      const channel = this.#context.state.channel(name);
      if (channel !== undefined && !user.channels.has(channel)) restoreInvite(user, channel, seq);
    }
    if (user.account !== undefined) return;
    for (const [key, value] of state.metadata) metadata.set(user, key, value);
    for (const [target, marker] of state.markers) readMarkers.restoreOfUser(user, target, marker);
    for (const [room, seq] of state.replayPositions) replayPositions.restoreOfUser(user, session, room, seq);
  }

  #restoreObserver(read: ReadSession, walk: LogWalk): void {
    const { phase } = read.state;
    if (phase.kind !== "observer" || this.#refuseToken(read)) return;
    const account = this.#accountOf(phase.account);
    const channels = walk.observers.channelsOf(read);
    const observer = { ...phase, account, follows: phase.follows && { ...phase.follows, channels } };
    const session = restoreObserver(this.#context, this.#services, sessionOf(read), observer);
    this.#add(read, session, walk);
    if (channels.some((folded) => !phase.follows?.channels.includes(folded))) this.changed.push(session);
  }

  #refuseToken({ presented, state: { tokenId } }: ReadSession): boolean {
    const token = tokenId === "" ? undefined : this.#services.accountTokens.get(tokenId);
    if (tokenId === "" || token !== undefined) return false;
    this.#outcomes.push(refuse(presented, "The token of the session was revoked"));
    return true;
  }

  /** What each session has beside its user. */
  #add(read: ReadSession, session: Session, walk: LogWalk): void {
    const { presented, state } = read;
    const { accountTokens, metadata, monitors } = this.#services;
    session.connection.token = accountTokens.get(state.tokenId);
    for (const nick of state.monitored) monitors.add(session, nick);
    for (const key of state.subscriptions) metadata.subscribe(session, key);
    const lastLine = areGivenUp(presented)
      ? presented.answered + presented.lines.length
      : walk.lastLineOf(read);
    this.#catchers.push({ read, session, lastLine });
    const lines = presented.lines.filter(({ number }) => number > lastLine);
    this.#outcomes.push({ kind: "restored", presented, session, lines });
  }

  /** What the session waits for; called when it has what it missed. */
  #complete({ read: { state }, session }: Catcher): void {
    if (session.closeReason !== undefined) return;
    awaitAgain(this.#hub, session, state.receipts, this.#now);
    if (state.awaitsOfflineMessages) scheduleOfflineReplay(this.#context, this.#services, session);
  }

  #restoreUnpresented(model: UserModel): void {
    if (this.#context.state.user(model.nick) !== undefined) return;
    const { accounts } = this.#services;
    const account = accounts.get(model.nick); // a name that an account owns is its owner's
    const [, username = "user", host = ""] = /!([^@]*)@(.*)$/.exec(model.source) ?? [];
    const user = restoreUser(this.#context, this.#services, {
      nick: model.nick,
      username,
      host,
      realHost: host,
      realname: model.nick,
      owner: account?.owner ?? accounts.createTemporaryOwner(this.#context.log.nextSeq),
      account,
      signonAt: this.#now,
      isSecure: false,
      away: "",
      modes: "",
      isOperatorByPassword: false,
      idleSince: this.#now,
      rooms: Array.from(model.rooms.values(), ({ name, bits }) => ({ name, bits: bits & ~UNANNOUNCED })),
    });
    this.#unpresented.add(user);
  }
}

type PresentedModel = UserModel & { readonly session: ModelSession };

function modelOf(read: ReadSession, user: UserState, index: MemberIndex): PresentedModel {
  const source = `${user.nick}!${user.username}@${user.host}`;
  return new UserModel(source, index, { ...read, user }) as PresentedModel;
}

/** Users by the names that they have now. */
function groupByNick(users: readonly PresentedModel[]): Iterable<readonly PresentedModel[]> {
  return Map.groupBy(users, ({ folded }) => folded).values();
}

function sessionOf({ presented, state }: ReadSession): SessionToRestore {
  return { ...state, id: presented.id, caps: capsOf(state) };
}

/** A capability of a later version is left out. */
function capsOf({ caps }: SessionState): CapSet {
  const known: Readonly<Record<string, number>> = CAP;
  return CapSet.of(...caps.flatMap((name) => Object.hasOwn(known, name) ? known[name]! : []));
}
