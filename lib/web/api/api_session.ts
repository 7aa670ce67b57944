/**
 * Sessions of the HTTP API: clients of the server like all others, over connections within the process. A session is
 * a user, which sends, or an observer, which reads; both are logged in with a token. Sessions stay open for a few
 * seconds, so that most requests find one.
 */
import { callAfter } from "../../base/deadlines.ts";
import { Link } from "../../client/connection/link.ts";
import type { SessionEvent } from "../../client/session/session_event.ts";
import type { TokenScope } from "../../irc/token_scopes.ts";
import type { Address } from "../../net/address.ts";
import type { RequestOrigin } from "../../net/web/http_handler.ts";
import type { WebPorts } from "../ports.ts";
import { ApiProblem } from "./problem.ts";
import { isToken, loginByToken, refusalProblem } from "./token_login.ts";

/** Sessions that are open at a time, without those of streams. */
export const MAX_API_SESSIONS = 256;
/** Requests of one session that wait for the server at a time. */
export const MAX_SESSION_REQUESTS = 32;
/** A session without requests stays open for so long. */
const IDLE_MS = 5_000;
const LOGIN_TIMEOUT_MS = 5_000;

/** Where the links of sessions lead, in texts. */
const SERVER_ADDRESS: Address = { kind: "unix", path: "web API" };
const SERVER_END: Deno.Addr = { transport: "unix", path: "" };

/** Opens a connection to the server within the process, counted as one of the client. */
export type OpenConnection = WebPorts["connect"];

/** `user`: may send. `observer`: reads, and is in no list. */
export type SessionRole = "user" | "observer";

export interface ApiLogin {
  readonly token: string;
  readonly from: RequestOrigin;
  readonly role: SessionRole;
}

export interface ApiSession {
  readonly link: Link;
  readonly account: string;
  readonly scopes: readonly TokenScope[];
}

/** A session that requests share. */
interface SharedSession {
  readonly opening: Promise<ApiSession>;
  requests: number;
  stopIdle: () => void;
}

export class ApiSessions {
  readonly #connect: OpenConnection;
  readonly #shared = new Map<string, SharedSession>();
  /** Sessions that are open, those included that get no new request and end with their last one. */
  #open = 0;
  readonly #idleMs: number;

  /** `idleMs`: for so long a session stays open without requests. */
  constructor(connect: OpenConnection, idleMs = IDLE_MS) {
    this.#connect = connect;
    this.#idleMs = idleMs;
  }

  /**
   * Runs `use` with a session, which other requests use as well.
   * @throws {ApiProblem} if the login fails, or there are too many sessions or requests.
   */
  async use<T>(login: ApiLogin, run: (session: ApiSession) => Promise<T>): Promise<T> {
    const key = `${login.role} ${login.from.host} ${login.token}`;
    const shared = this.#findShared(key, login);
    if (shared.requests >= MAX_SESSION_REQUESTS) {
      throw new ApiProblem("rate_limited", `the token has ${MAX_SESSION_REQUESTS} requests in progress`);
    }
    shared.requests++;
    shared.stopIdle();
    try {
      return await run(await shared.opening);
    } finally {
      if (--shared.requests === 0) this.#rest(key, shared);
    }
  }

  /**
   * A session of its own, which the caller closes.
   * @throws {ApiProblem} if the login fails.
   */
  async openOwn(login: ApiLogin, onEvent: (event: SessionEvent) => void): Promise<ApiSession> {
    if (!isToken(login.token)) throw new ApiProblem("bad_token", "this is not a token");
    const { account, scopes, conn } = await withDeadline(
      this.#login(login),
      () => new ApiProblem("unavailable", "the server did not answer in time"),
    );
    const link = new Link(conn, SERVER_END, {
      address: SERVER_ADDRESS,
      registration: { nick: account, isObserver: login.role === "observer" },
      onEvent,
    });
    await enter(link);
    return { link, account, scopes };
  }

  async #login({ token, from }: ApiLogin) {
    const outcome = this.#connect(from.host, from.isSecure);
    if (outcome.kind === "refused") throw refusalProblem(outcome.why, outcome.status);
    return await loginByToken(outcome.conn, token);
  }

  #findShared(key: string, login: ApiLogin): SharedSession {
    const found = this.#shared.get(key);
    if (found !== undefined) return found;
    if (this.#open >= MAX_API_SESSIONS && !this.#retireIdle()) {
      throw new ApiProblem("unavailable", "the server has too many sessions of its HTTP API");
    }
    const shared: SharedSession = {
      opening: this.openOwn(login, () => {}),
      requests: 0,
      stopIdle: () => {},
    };
    this.#shared.set(key, shared);
    this.#open++;
    const forget = () => {
      this.#open--;
      if (this.#shared.get(key) === shared) this.#shared.delete(key);
    };
    shared.opening.then(({ link }) => link.closed).then(forget, forget);
    return shared;
  }

  /** The last request of a session has ended. */
  #rest(key: string, shared: SharedSession): void {
    if (this.#shared.get(key) !== shared) return void closeShared(shared);
    shared.stopIdle = callAfter(this.#idleMs, () => this.#retire(key, shared));
  }

  /** Gives a session no new request. */
  #retire(key: string, shared: SharedSession): void {
    this.#shared.delete(key);
    if (shared.requests === 0) closeShared(shared);
  }

  /** Ends a session without requests; false: there is none. */
  #retireIdle(): boolean {
    const [key, shared] = [...this.#shared].find(([, { requests }]) => requests === 0) ?? [];
    if (key === undefined || shared === undefined) return false;
    this.#retire(key, shared);
    return true;
  }
}

function closeShared({ opening, stopIdle }: SharedSession): void {
  stopIdle();
  void opening.then(({ link }) => link.close(), () => {});
}

/** @throws {ApiProblem} if the server does not register the session. */
async function enter(link: Link): Promise<void> {
  const outcome = await withDeadline(link.opened, () => {
    link.abort("not registered");
    return new ApiProblem("unavailable", "the server did not answer in time");
  });
  if (outcome.kind === "connected") return;
  throw describeRefusal(outcome);
}

function describeRefusal(outcome: Exclude<Awaited<Link["opened"]>, { kind: "connected" }>): ApiProblem {
  if (outcome.kind === "refused") return refusalProblem(outcome.text);
  const text = "text" in outcome ? outcome.text : "the server did not register the session";
  return new ApiProblem("unavailable", text);
}

/** `promise`, or the exception of `makeFault` after {@link LOGIN_TIMEOUT_MS}. */
async function withDeadline<T>(promise: Promise<T>, makeFault: () => ApiProblem): Promise<T> {
  const late = Promise.withResolvers<never>();
  const callOff = callAfter(LOGIN_TIMEOUT_MS, () => late.reject(makeFault()));
  try {
    return await Promise.race([promise, late.promise]);
  } finally {
    callOff();
  }
}
