/**
 * Sessions of the HTTP API: clients of the server like all others, over connections within the process. A session is
 * a user, which sends, or an observer, which reads; both are logged in with a token. Sessions stay open for a few
 * seconds, so that most requests find one.
 */
import { ConcurrencyGate } from "../../base/concurrency_gate.ts";
import { callAfter } from "../../base/deadlines.ts";
import { Link } from "../../client/connection/link.ts";
import type { SessionEvent } from "../../client/session/session_event.ts";
import type { TokenScope } from "../../irc/token_scopes.ts";
import type { Address } from "../../net/address.ts";
import type { Conn } from "../../net/conn.ts";
import type { RequestOrigin } from "../../net/web/http_handler.ts";
import type { WebPorts } from "../ports.ts";
import { ApiProblem } from "./problem.ts";
import { isToken, loginByToken, refusalProblem } from "./token_login.ts";
import type { TokenLogin } from "./token_login.ts";

/** Sessions that are open at a time, without those of streams. */
export const MAX_API_SESSIONS = 256;
/** Requests of one session that wait for the server at a time. */
export const MAX_SESSION_REQUESTS = 32;
/** A session without requests stays open for so long. */
const IDLE_MS = 5_000;
const LOGIN_TIMEOUT_MS = 5_000;
/** Pages of history that one session asks for at a time: with the longest messages so many fit its send queue. */
export const MAX_PAGES_AT_A_TIME = 8;
/** A session of which the server reads nothing for so long gets no request: it would time out. */
const MAX_THROTTLE_MS = 2_000;
/** Why the server ends the sessions of a token. */
const TOKEN_ENDED = "The token is no longer valid";

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
  readonly pages: ConcurrencyGate;
  /** Milliseconds for which the server reads nothing of it: the client owes for what it has sent. */
  waitMs(): number;
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
    let session: ApiSession | undefined;
    try {
      session = await shared.opening;
      refuseThrottled(session);
      return await run(session);
    } catch (error) {
      throw explainProblem(error, session);
    } finally {
      if (--shared.requests === 0) this.#rest(key, shared);
    }
  }

  /**
   * The scopes of a token, before anything else of a request is read.
   * @throws {ApiProblem} as {@link use}.
   */
  async check(login: ApiLogin): Promise<readonly TokenScope[]> {
    return await this.use(login, ({ scopes }) => Promise.resolve(scopes));
  }

  /**
   * A session of its own, which the caller closes.
   * @throws {ApiProblem} if the login fails.
   */
  async openOwn(login: ApiLogin, onEvent: (event: SessionEvent) => void): Promise<ApiSession> {
    if (!isToken(login.token)) throw new ApiProblem("bad_token", "this is not a token");
    const { conn: own, waitMs } = this.#connectClient(login);
    refuseThrottled({ waitMs }, () => own.close());
    const { account, scopes, expiresAt, conn } = await loginInTime(own, login.token, waitMs);
    const link = new Link(conn, SERVER_END, {
      address: SERVER_ADDRESS,
      registration: { nick: account, isObserver: login.role === "observer" },
      onEvent,
    });
    const stopExpiry = callAfter(Math.max(0, expiresAt - Date.now()), () => link.abort(TOKEN_ENDED));
    void link.closed.then(stopExpiry);
    await enter(link, waitMs);
    return { link, account, scopes, pages: new ConcurrencyGate(MAX_PAGES_AT_A_TIME), waitMs };
  }

  #connectClient({ from }: ApiLogin) {
    const outcome = this.#connect(from.host, from.isSecure);
    if (outcome.kind === "refused") throw refusalProblem(outcome.why, outcome.status);
    return outcome;
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

/** @throws {ApiProblem} if the login fails, or takes too long. */
export async function loginInTime(conn: Conn, token: string, waitMs: () => number): Promise<TokenLogin> {
  return await withDeadline(loginByToken(conn, token), waitMs, () => conn.close());
}

/** @throws {ApiProblem} if the server does not register the session. */
async function enter(link: Link, waitMs: () => number): Promise<void> {
  const outcome = await withDeadline(link.opened, waitMs, () => link.abort("not registered"));
  if (outcome.kind === "connected") return;
  throw describeRefusal(outcome);
}

/** Why there was no answer in time. */
function describeDelay(waitMs: () => number): ApiProblem {
  return throttleProblem(waitMs()) ?? new ApiProblem("unavailable", "the server did not answer in time");
}

/** Undefined: `ms` is 0, the client need not wait. */
function throttleProblem(ms: number): ApiProblem | undefined {
  if (ms <= 0) return undefined;
  return new ApiProblem("rate_limited", "too many requests from your address", {
    retryAfterS: Math.ceil(ms / 1000),
  });
}

/** @throws {ApiProblem} after `giveUp` if no line of the session would be read in time. */
function refuseThrottled({ waitMs }: Pick<ApiSession, "waitMs">, giveUp = () => {}): void {
  const ms = waitMs();
  if (ms < MAX_THROTTLE_MS) return;
  giveUp();
  throw throttleProblem(ms)!;
}

/** The problem `error`, with the reason why the server did not answer `session`. */
function explainProblem(error: unknown, session: ApiSession | undefined): unknown {
  if (!(error instanceof ApiProblem) || session === undefined) return error;
  const { code, message, details } = error;
  if (code !== "unavailable" && code !== "unclear") return error;
  if (session.link.endReason?.includes(TOKEN_ENDED) === true && code === "unavailable") {
    return new ApiProblem("bad_token", TOKEN_ENDED);
  }
  const throttle = throttleProblem(session.waitMs());
  if (throttle === undefined || code === "unavailable") return throttle ?? error;
  return new ApiProblem(code, message, { ...details, retryAfterS: throttle.details.retryAfterS });
}

function describeRefusal(outcome: Exclude<Awaited<Link["opened"]>, { kind: "connected" }>): ApiProblem {
  if (outcome.kind === "refused") return refusalProblem(outcome.text);
  const text = "text" in outcome ? outcome.text : "the server did not register the session";
  return new ApiProblem("unavailable", text);
}

/** `promise`, or after {@link LOGIN_TIMEOUT_MS} the reason why it is late, and `giveUp`. */
async function withDeadline<T>(promise: Promise<T>, waitMs: () => number, giveUp: () => void): Promise<T> {
  const late = Promise.withResolvers<never>();
  const callOff = callAfter(LOGIN_TIMEOUT_MS, () => {
    late.reject(describeDelay(waitMs));
    giveUp();
  });
  try {
    return await Promise.race([promise, late.promise]);
  } finally {
    callOff();
  }
}
