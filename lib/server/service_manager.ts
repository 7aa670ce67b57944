/**
 * Reports to the service manager that started the server: sd_notify(3) of systemd, a datagram of lines `NAME=VALUE` to
 * the Unix socket that `NOTIFY_SOCKET` names. Linux only.
 */
/** Longest text of STATUS, in characters; `systemctl status` shows one line. */
const MAX_STATUS_LENGTH = 200;
/** Pings within the time after which the service manager takes the server for hung (sd_watchdog_enabled(3) advises 2). */
const PINGS_PER_TIMEOUT = 3;

/** What the service manager has told the process. */
export interface ServiceEnvironment {
  /** Path of the socket; `@` begins the name of an abstract one. */
  readonly notifySocket: string;
  /** Milliseconds between two pings; undefined: none are expected. */
  readonly pingMs: number | undefined;
}

/**
 * The environment of a server under a service manager; undefined: there is none. `pids`: this process and its parent,
 * one of which the watchdog must be meant for.
 */
export function readServiceEnvironment(
  env: (name: string) => string | undefined,
  pids: readonly number[],
): ServiceEnvironment | undefined {
  const notifySocket = env("NOTIFY_SOCKET");
  if (notifySocket === undefined || !/^[/@]./.test(notifySocket)) return undefined;
  const [micros, pid] = [Number(env("WATCHDOG_USEC")), env("WATCHDOG_PID")];
  const isMeant = pid === undefined || pids.includes(Number(pid));
  const isWatched = isMeant && Number.isSafeInteger(micros) && micros > 0;
  return { notifySocket, pingMs: isWatched ? Math.max(1, micros / 1000 / PINGS_PER_TIMEOUT) : undefined };
}

/** What a report says: the members that are given. */
export interface ServiceReport {
  readonly state?: "READY" | "RELOADING" | "STOPPING" | "WATCHDOG";
  /** One line for people. */
  readonly status?: string;
}

/** The connection to a service manager. A report that cannot be sent is dropped: its receiver is gone. */
export class ServiceManager {
  readonly #socket: Deno.DatagramConn;
  readonly #path: string;
  /** Resolves when the last report is sent: the socket refuses a second one meanwhile. */
  #sent: Promise<void> = Promise.resolve();
  #watchdog: ReturnType<typeof setInterval> | undefined;

  /** @throws {Error} The socket cannot be made: another platform, or no permission. */
  constructor(readonly environment: ServiceEnvironment) {
    this.#path = environment.notifySocket.replace(/^@/, "\0"); // an abstract socket (unix(7))
    // An abstract name leaves no file behind.
    const own = `\0chatterbox-${Deno.pid}-${crypto.randomUUID()}`;
    this.#socket = Deno.listenDatagram({ transport: "unixpacket", path: own });
  }

  /** Resolves when the report is sent, after those before it. */
  report(report: ServiceReport): Promise<void> {
    return this.#sent = this.#sent.then(() => this.#send(report));
  }

  async #send({ state, status }: ServiceReport): Promise<void> {
    const lines = [
      ...state === undefined ? [] : [`${state}=1`],
      ...status === undefined
        ? []
        : [`STATUS=${status.replace(/\p{Cc}+/gu, " ").slice(0, MAX_STATUS_LENGTH)}`],
    ];
    try {
      await this.#socket.send(new TextEncoder().encode(lines.join("\n")), {
        transport: "unixpacket",
        path: this.#path,
      });
    } catch {
      // the service manager has closed its socket, or this one is closed
    }
  }

  /**
   * Sends pings from now on, if they are expected. Each one comes after `respond` has resolved; one that is not
   * answered or not sent yet holds back all others, so the service manager restarts a server that hangs. `status`
   * goes with them; where it is undefined, another process sends this ping.
   */
  startWatchdog(respond: () => Promise<void>, status: () => string | undefined): void {
    const { pingMs } = this.environment;
    if (pingMs === undefined) return;
    let isWaiting = false;
    this.#watchdog ??= setInterval(async () => {
      if (isWaiting) return;
      isWaiting = true;
      await respond();
      const text = status();
      if (text !== undefined) await this.report({ state: "WATCHDOG", status: text });
      isWaiting = false;
    }, pingMs);
  }

  close(): void {
    clearInterval(this.#watchdog);
    this.#socket.close();
  }
}
