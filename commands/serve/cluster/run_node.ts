/** The hub of a cluster's node, from its start to its end. The keeper starts it again, unless the node ends with it. */
import { ClusterKeys } from "../../../lib/cluster/cluster_keys.ts";
import { endPredecessor } from "../../../lib/cluster/node_entry.ts";
import type { NodeEnd } from "../../../lib/cluster/cluster_node.ts";
import type { Io } from "../../../lib/cli/command.ts";
import { EXIT } from "../../../lib/cli/exit_codes.ts";
import { reportFailure } from "../../../lib/cli/standard_streams.ts";
import { NodeConsole } from "../../../lib/server/cluster/node_console.ts";
import { AdminSocket } from "../../../lib/server/console/admin_socket.ts";
import type { CommandAnswer } from "../../../lib/server/console/console_command.ts";
import type { ProcessControl } from "../../../lib/server/console/console_runner.ts";
import {
  HANDED_OVER_CODE,
  type HubStart,
  START_AGAIN_CODE,
} from "../../../lib/server/keeper/keeper_protocol.ts";
import { watchParent } from "../../../lib/server/keeper/parent_watch.ts";
import type { TlsAcceptor } from "../../../lib/server/listen/certificate.ts";
import { setUpTls } from "../../../lib/server/listen/listeners.ts";
import { ServerLog } from "../../../lib/server/server_log.ts";
import type { ReloadableFiles } from "../../../lib/server/settings/reloadable_files.ts";
import type { Storage } from "../../../lib/server/storage.ts";
import { type FrontSetup, SILENCE_MS } from "../../../lib/server/relay/front_setup.ts";
import { frontSetup, liveSetup } from "../fronts.ts";
import { SettingsReloader } from "../reload.ts";
import { readFiles } from "../run_server.ts";
import { describeBadCertificate, type StartFailure } from "../server_sockets.ts";
import { openServiceReports } from "../service_reports.ts";
import type { ServiceReports } from "../service_reports.ts";
import { NodeHub } from "./node_hub.ts";
import { type NodeSettings, openNodeStorage, openStore, readMeta } from "./node_parts.ts";
import { NodeSockets, type RelayHandler } from "./node_sockets.ts";

/** Time after its lease in which another node has taken the place of a leader that hangs. */
const LEASE_PATIENCE_MS = 2_000;

/** Time after the lease of a hub that hangs, in which it is deposed, until its keeper kills it. */
const HANG_PATIENCE_MS = 1_000;

/** Why a hub ends. */
type HubEnd =
  /** By a signal or a command: the node ends. */
  | { readonly kind: "asked" }
  /** To another hub of this node or another one, which takes the clients over. */
  | { readonly kind: "handed_over" }
  /** The ring is not the cluster's. */
  | { readonly kind: "useless_ring" }
  | { readonly kind: "failed"; readonly error: unknown }
  /** The data folder cannot be written any longer. */
  | { readonly kind: "unsaved"; readonly why: string }
  | { readonly kind: "node"; readonly end: NodeEnd };

/** Runs the hub until it ends. Returns the exit code. */
export async function runNode(settings: NodeSettings, io: Io, hub: HubStart): Promise<number> {
  const files = await readFiles(settings, io);
  return typeof files === "number" ? files : await new NodeRun(settings, io, hub, files).run();
}

class NodeRun {
  readonly #settings: NodeSettings;
  readonly #io: Io;
  readonly #start: HubStart;
  readonly #reloader: SettingsReloader;
  readonly #log: ServerLog;
  readonly #keys: ClusterKeys;
  readonly #ending = Promise.withResolvers<HubEnd>();
  /** Aborted when the hub is to end. */
  readonly #abort = new AbortController();
  readonly #stopped = Promise.withResolvers<CommandAnswer>();
  readonly #control: ProcessControl;
  readonly #console = new NodeConsole({
    leading: () => this.#hub?.leading?.server.consoleRunner,
    describeLeader: () => this.#hub!.describeLeader(),
    status: (asJson) => this.#hub!.readStatus(asJson),
    snapshot: (folder) => this.#hub!.writeSnapshot(folder),
    reload: () => this.#reload(),
    stop: () => this.#control.stop(),
    handOver: () => this.#control.handOver!(),
  });
  #tls: TlsAcceptor | undefined;
  #sockets: NodeSockets | undefined;
  #hub: NodeHub | undefined;
  #admin: AdminSocket | undefined;
  #reports: ServiceReports | undefined;

  constructor(settings: NodeSettings, io: Io, start: HubStart, files: ReloadableFiles) {
    this.#settings = settings;
    this.#io = io;
    this.#start = start;
    this.#log = new ServerLog(settings.logFormat, io.clock, (line) => io.stdout.write(line));
    this.#reloader = new SettingsReloader(settings, files, this.#log, io);
    this.#keys = new ClusterKeys(settings.cluster.name);
    this.#control = {
      reload: () => this.#reload(),
      stop: () => {
        this.#end({ kind: "asked" });
        return this.#stopped.promise;
      },
      handOver: () => this.#end({ kind: "handed_over" }),
      runCluster: (line, issuer) => this.#console.runCluster(line, issuer),
    };
    const stop = () => this.#end({ kind: "asked" });
    if (io.signal.aborted) stop();
    else io.signal.addEventListener("abort", stop, { once: true });
    watchParent(start.keeper, stop);
    io.onSignal("SIGUSR2", () => this.#end({ kind: "handed_over" }));
    io.onSignal("SIGHUP", () => void this.#reload());
  }

  #end(end: HubEnd): void {
    this.#ending.resolve(end);
    this.#abort.abort();
  }

  async run(): Promise<number> {
    const reports = this.#reports = await openServiceReports(this.#io, this.#log);
    // Not after a turn: without etcd none ends, and another start would only disconnect the clients of the fronts.
    reports?.watch(() => Promise.resolve(), () => this.#describe());
    try {
      return await this.#run();
    } finally {
      reports?.manager.close();
    }
  }

  /** One line for the service manager. */
  #describe(): string {
    const { cluster: { node } } = this.#settings;
    const leading = this.#hub?.leading;
    if (leading === undefined) return `node ${node}, which does not lead`;
    return `node ${node}, which leads; ${leading.server.hub.context.state.users.size} online in the cluster`;
  }

  async #run(): Promise<number> {
    const store = await openStore(this.#settings.cluster);
    if ("why" in store) return this.#fail(store);
    const { signal } = this.#abort;
    if (this.#settings.cluster.isImport) {
      const { importFolder } = await import("./import_folder.ts");
      const failure = await importFolder(store, this.#keys, this.#settings, { io: this.#io, log: this.#log });
      if (failure !== undefined) return this.#fail(failure);
    }
    const meta = await readMeta(store, this.#keys, this.#settings, { io: this.#io, log: this.#log, signal });
    if (meta === undefined) return EXIT.ok;
    if ("why" in meta) return this.#fail(meta);
    const onEnded = (why: string) => this.#end({ kind: "unsaved", why });
    const storage = await openNodeStorage(this.#settings, meta, { io: this.#io, log: this.#log }, onEnded);
    if ("why" in storage) return this.#fail(storage);
    const instance = this.#start.run ?? crypto.randomUUID();
    await endPredecessor({ store, keys: this.#keys, node: this.#settings.cluster.node, instance });
    const certificate = await setUpTls(this.#settings, this.#log, this.#io.clock.now());
    if (certificate?.kind === "bad") return await this.#giveUp(storage, describeBadCertificate(certificate));
    this.#tls = certificate?.acceptor;
    const sockets = await NodeSockets.open({
      settings: this.#settings,
      meta,
      hub: this.#start,
      setup: this.#frontSetup,
      control: this.#control,
      handler: this.#makeHandler(),
      log: this.#log,
      now: () => this.#io.clock.now(),
    });
    if ("why" in sockets) return await this.#giveUp(storage, sockets);
    this.#sockets = sockets;
    sockets.controls.reload(this.#frontSetup); // it may have been read again since
    const nodeHub = this.#hub = new NodeHub({
      settings: this.#settings,
      store,
      keys: this.#keys,
      meta,
      instance,
      storage,
      sockets: () => sockets,
      current: () => ({
        settings: { ...this.#reloader.settings, cluster: this.#settings.cluster },
        files: this.#reloader.files,
        setup: this.#frontSetup,
      }),
      control: this.#control,
      io: this.#io,
      log: this.#log,
      onUseless: () => this.#end({ kind: "useless_ring" }),
      onFatalError: (error) => this.#end({ kind: "failed", error }),
    });
    await this.#openAdminSocket();
    nodeHub.run().then(
      (end) => this.#end({ kind: "node", end }),
      (error) => this.#end({ kind: "failed", error }),
    );
    const why = await Promise.race([sockets.listen(this.#tls), this.#ending.promise.then(() => undefined)]);
    if (why !== undefined) {
      nodeHub.node.stop();
      await sockets.close();
      return await this.#giveUp(storage, { code: EXIT.cannotCreate, why });
    }
    sockets.keeper!.start(this.#settings.cluster.leaseSeconds * 1000 + HANG_PATIENCE_MS);
    await this.#reports?.listens(this.#describe());
    const end = await this.#ending.promise;
    return await this.#finish(end, nodeHub, sockets, storage);
  }

  /** While this node does not lead, it has neither sessions nor answers. */
  #makeHandler(): RelayHandler {
    const leading = () => this.#hub?.leading;
    return {
      takeFront(conn, hello) {
        const relays = leading()?.relays;
        if (relays === undefined) conn.close();
        else relays.accept(conn, hello);
      },
      takeTunnel(conn, origin, web) {
        const relayed = leading()?.server.relayed;
        if (relayed === undefined) conn.close();
        else relayed.acceptTunnel(conn, origin, web);
      },
      async answerHttp(request, from) {
        const answer = leading()?.web;
        if (answer !== undefined) return await answer(request, from);
        return new Response("No node of the cluster leads at present; try again in a second.", {
          status: 503,
        });
      },
    };
  }

  #fail({ code, why }: StartFailure): number {
    return reportFailure(this.#io, code, why);
  }

  async #giveUp(storage: Storage, failure: StartFailure): Promise<number> {
    await storage.close();
    return this.#fail(failure);
  }

  async #openAdminSocket(): Promise<void> {
    const onTrouble = (why: string) => this.#log.warning("admin_socket", `chatterbox admin: ${why}`);
    const opened = await AdminSocket.open(this.#settings.dataDir, this.#console, onTrouble);
    if (opened.kind === "open") this.#admin = opened.socket;
    else this.#log.warning("admin_socket", `chatterbox admin cannot reach this node: ${opened.why}`);
  }

  async #finish(end: HubEnd, hub: NodeHub, sockets: NodeSockets, storage: Storage): Promise<number> {
    const isLast = end.kind === "asked" || end.kind === "node" && end.end.kind === "name_in_use";
    if (isLast) sockets.keeper?.report({ kind: "stopping" });
    if (isLast) await this.#reports?.stopping();
    await this.#admin?.stopListening();
    const isOrderly = end.kind === "asked" || end.kind === "handed_over";
    if (isOrderly) await hub.leading?.stepDown({ isLeaving: isLast, isAlone: hub.isAlone });
    else hub.leading?.end();
    hub.node.stop(); // its lease need not be waited for
    if (hub.leading !== undefined) await hub.tellNextLeader();
    if (isLast) sockets.controls.stop();
    const { hasUnsavedFacts } = await storage.close(() => hub.archive?.close() ?? Promise.resolve());
    if (end.kind === "useless_ring") storage.setRingAside();
    const code = this.#codeOf(end);
    const uncommitted = hub.leading === undefined ? 0 : storage.ring.nextSeq - hub.leading.term.committedSeq;
    if (uncommitted > 0) {
      const text = `${uncommitted} records may not be in etcd; nothing of them was acknowledged`;
      this.#log.warning("stopped", text, { records: uncommitted });
    } else if (isLast) this.#log.info("stopped", describeStop(hub));
    else if (hasUnsavedFacts) {
      this.#log.warning("stopped", "the data folder lacks facts, which the next hub reads from etcd");
    }
    this.#stopped.resolve({ lines: ["the node has stopped"] });
    await this.#admin?.close();
    await sockets.close();
    return code;
  }

  #codeOf(end: HubEnd): number {
    const io = this.#io;
    switch (end.kind) {
      case "asked":
        return EXIT.ok;
      case "handed_over":
        return HANDED_OVER_CODE;
      case "useless_ring":
        return START_AGAIN_CODE;
      case "failed":
        return reportFailure(io, EXIT.bug, `a bug in ChatterBox stopped the node: ${String(end.error)}`);
      case "unsaved":
        return reportFailure(io, EXIT.ioError, `the data folder can no longer be written: ${end.why}`);
      case "node":
        return this.#codeOfNode(end.end);
    }
  }

  #codeOfNode(end: NodeEnd): number {
    const { node } = this.#settings.cluster;
    switch (end.kind) {
      case "deposed":
        this.#log.warning("cluster", "this node no longer leads; it starts again as a standby");
        return START_AGAIN_CODE;
      case "stepped_down":
      case "stopped":
        return START_AGAIN_CODE;
      case "name_in_use":
        return this.#fail({
          code: EXIT.cannotCreate,
          why: `another node named ${node} runs in this cluster: give each one its own name with --node`,
        });
      case "fault":
        return this.#fail({ code: EXIT.ioError, why: end.why });
    }
  }

  #reload(): Promise<CommandAnswer> {
    const controls = this.#sockets?.controls;
    const user = {
      tls: this.#tls,
      reloadFronts: controls && (() => controls.reload(this.#frontSetup)),
      findServer: async () => await this.#hub?.leading?.whenStarted,
    };
    const reload = () => this.#reloader.reload(user);
    return this.#reports?.whileReloading(reload) ?? reload();
  }

  /** The fronts' settings, as they were read last. */
  get #frontSetup(): FrontSetup {
    const { node, leaseSeconds } = this.#settings.cluster;
    return {
      ...frontSetup(this.#settings, this.#tls),
      ...liveSetup(this.#reloader.settings),
      node,
      // Until its lease has ended a leader may only hang.
      silenceMs: Math.max(SILENCE_MS, leaseSeconds * 1000 + LEASE_PATIENCE_MS),
    };
  }
}

/** What a node knows of the cluster's messages when it stops. */
function describeStop({ leading, node }: NodeHub): string {
  // etcd may be out of reach, and have more.
  return leading === undefined
    ? `stopped: this node did not lead; it has the messages before record ${node.nextSeq}`
    : "stopped: the cluster has all messages";
}
