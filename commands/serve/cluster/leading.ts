/** A node's time as the leader: the server over the node's ring, with the fronts of all nodes. */
import type { Term } from "../../../lib/cluster/term.ts";
import type { StoreTrouble } from "../../../lib/cluster/committer.ts";
import { VERSION } from "../../../lib/base/version.ts";
import { delay } from "../../../lib/base/delay.ts";
import type { Io } from "../../../lib/cli/command.ts";
import { Handover } from "../../../lib/hub/handover/handover.ts";
import { HostCloak } from "../../../lib/hub/model/host_cloak.ts";
import type { SavedFact } from "../../../lib/log/fact.ts";
import type { Address } from "../../../lib/net/address.ts";
import type { HttpHandler } from "../../../lib/net/web/http_handler.ts";
import type { ArchiveService } from "../../../lib/server/archive/archive_service.ts";
import { SessionRelays } from "../../../lib/server/cluster/session_relays.ts";
import { termOptions } from "../../../lib/server/cluster/term_options.ts";
import type { ProcessControl } from "../../../lib/server/console/console_runner.ts";
import { originPolicy, pageUrl, stsPolicy } from "../../../lib/server/listen/listeners.ts";
import { NotificationQueue } from "../../../lib/server/notify/notification_queue.ts";
import type { FrontSetup } from "../../../lib/server/relay/front_setup.ts";
import type { ChatServer } from "../../../lib/server/server.ts";
import type { ClusterFigures } from "../../../lib/server/server_metrics.ts";
import type { ServerLog } from "../../../lib/server/server_log.ts";
import type { ReloadableFiles } from "../../../lib/server/settings/reloadable_files.ts";
import type { WebAddress } from "../../../lib/server/settings/web_flags.ts";
import type { Storage } from "../../../lib/server/storage.ts";
import { makeServer } from "../chat_server.ts";
import { loadWebApp } from "../web_app.ts";
import type { NodeSettings } from "./node_parts.ts";

/** Time for a leader that ends in order to commit what is left, and to free its key. */
const STEP_DOWN_MS = 2000;

export interface LeadingOptions {
  readonly settings: NodeSettings;
  readonly term: Term;
  readonly storage: Storage;
  readonly archive: ArchiveService | undefined;
  readonly files: ReloadableFiles;
  /** Key of cloaked hosts, in base64. */
  readonly cloakKey: string;
  readonly setup: FrontSetup;
  readonly control: ProcessControl;
  readonly io: Io;
  readonly log: ServerLog;
  readonly onFatalError: (error: unknown) => void;
  /** For metrics, and the list of nodes. */
  readonly figures: () => ClusterFigures;
}

export class Leading {
  readonly #options: LeadingOptions;
  readonly #started = Promise.withResolvers<ChatServer>();
  readonly term: Term;
  readonly server: ChatServer;
  readonly relays: SessionRelays;
  readonly notifications: NotificationQueue;
  /** Answers HTTP requests; undefined: the server has not started. */
  web: HttpHandler | undefined;

  constructor(options: LeadingOptions) {
    const { settings, term, storage, archive, files, cloakKey, setup, control, io, log, onFatalError } =
      options;
    this.#options = options;
    this.term = term;
    const cloak = settings.cloak ? { cloak: new HostCloak(Uint8Array.fromBase64(cloakKey)) } : {};
    const nodes = () => options.figures().nodes;
    this.notifications = new NotificationQueue(settings.notify, (text) => log.info("notify", text));
    this.server = makeServer(settings, { ...files, ...cloak, nodes }, storage, archive, io, log, {
      onFatalError,
      control,
      notifications: this.notifications,
      makeHandover: (hub) => new Handover(hub),
      ...termOptions(term),
    });
    this.relays = new SessionRelays({ host: this.server.relayed!, setup, log });
    this.server.useRelay(this.relays);
  }

  /** Takes the sessions of the fronts over, of which `expected` live. Resolves when they are told. */
  async start(
    facts: readonly SavedFact[],
    expected: number,
    listening: { readonly irc: readonly Address[]; readonly web: readonly WebAddress[] },
  ): Promise<void> {
    const { settings, storage, archive, log, io } = this.#options;
    const { server, notifications } = this;
    const sts = stsPolicy(settings, listening.irc);
    const page = pageUrl(settings, listening.web);
    server.hub.reconfigure({ ...sts && { sts }, ...page !== undefined && { pageUrl: page } });
    const { log: events } = server.hub.context;
    const isTakeover = events.oldestSeq < events.nextSeq; // fronts of the leader before may report later
    await server.start(facts, await this.relays.gather(expected), isTakeover);
    this.#started.resolve(server);
    const sources = { server, storage, archive, notifications, log, clock: io.clock };
    this.web = await loadWebApp(originPolicy(settings), { ...sources, cluster: this.#options.figures });
  }

  /** Resolves with the server when it has all that was stored. */
  get whenStarted(): Promise<ChatServer> {
    return this.#started.promise;
  }

  /** Clients are told that nothing can be stored, or that it is possible again. */
  tellTrouble(trouble: StoreTrouble | undefined): void {
    const { log } = this.#options;
    this.relays.tellStoring(trouble === undefined);
    if (trouble === undefined) log.info("cluster", "the cluster stores messages again");
    else log.error("cluster", `the cluster cannot store messages: ${trouble.why}`, { why: trouble.kind });
  }

  /**
   * Ends the term in order: no more lines, the last turn, then another node may lead. The fronts hold their clients;
   * `isLeaving`: those of this node end. `isAlone`: there are no others, so that all users leave, and their names are free.
   */
  async stepDown({ isLeaving, isAlone }: { isLeaving: boolean; isAlone: boolean }): Promise<void> {
    this.notifications.stop();
    const { turnQueue } = this.server;
    const stopped = async () => {
      if (isLeaving && isAlone) {
        void turnQueue.run((hub) => hub.context.commit({ kind: "boot", version: VERSION }));
      }
      await turnQueue.close();
      await this.term.stepDown(isLeaving);
    };
    await Promise.race([stopped(), delay(STEP_DOWN_MS)]);
    this.end();
  }

  /** Nothing more is told. */
  end(): void {
    this.notifications.stop();
    this.relays.close();
    this.server.relayed!.stop();
  }
}
