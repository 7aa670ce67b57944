/** The commands of `chatterbox admin` at a node of a cluster: those of the cluster, and, where it leads, all others. */
import type { ConsoleRunner, ConsoleRunnerAnswer } from "../console/console_runner.ts";
import type { AdminRunner } from "../console/admin_socket.ts";
import { type CommandAnswer, refusedFailure, wrongUsage } from "../console/console_command.ts";
import type { Issuer } from "../console/console_command.ts";

export interface NodeConsoleOptions {
  /** Runs all other commands, while this node leads. */
  readonly leading: () => ConsoleRunner | undefined;
  /** Which node leads, as a clause. */
  readonly describeLeader: () => string;
  /** Lines for people; `asJson`: one line of JSON. */
  readonly status: (asJson: boolean) => Promise<readonly string[]>;
  /** Writes what the cluster holds to a new folder. */
  readonly snapshot: (folder: string) => Promise<CommandAnswer>;
  readonly reload: () => Promise<CommandAnswer>;
  readonly stop: () => Promise<CommandAnswer>;
  readonly handOver: () => void;
}

const STANDBY_HELP = [
  "cluster status [json]   nodes, the leader, and how far each one is",
  "cluster step-down       at the leader: another node leads",
  "cluster snapshot FOLDER write what the cluster holds to a new folder",
  "reload                  read the configuration and the files that it names again",
  "upgrade                 restart this node's hub",
  "stop                    stop this node",
];

const USAGE = "usage: cluster status [json], cluster step-down, or cluster snapshot FOLDER";

export class NodeConsole implements AdminRunner {
  readonly #options: NodeConsoleOptions;

  constructor(options: NodeConsoleOptions) {
    this.#options = options;
  }

  async run(text: string, issuer: Issuer): Promise<ConsoleRunnerAnswer> {
    const [word = ""] = text.trim().split(/\s+/);
    const { leading, describeLeader, reload } = this.#options;
    if (word === "cluster") return await this.runCluster(text, issuer);
    const leader = leading();
    if (leader !== undefined) return await leader.run(text, issuer);
    switch (word) {
      case "help":
        return { lines: STANDBY_HELP };
      case "reload":
        return await reload();
      case "upgrade":
        return { lines: ["the hub is restarted; clients stay connected"], next: "hand_over" };
      case "stop":
      case "quit":
        return { lines: ["the node is stopping"], next: "stop" };
      default:
        return { lines: [], failure: refusedFailure(`this node is a standby; ${describeLeader()}`) };
    }
  }

  /** A line that begins with `cluster`. */
  async runCluster(text: string, issuer: Issuer): Promise<ConsoleRunnerAnswer> {
    const [, what = "", form, ...more] = text.trim().split(/\s+/);
    if (what === "snapshot" && form !== undefined) {
      return await this.#writeSnapshot(text.trim().replace(/^\S+\s+\S+\s+/, ""), issuer);
    }
    const isJson = form === "json";
    if (what === "status" && (form === undefined || isJson) && more.length === 0) {
      return { lines: await this.#options.status(isJson) };
    }
    if (what !== "step-down" || form !== undefined) {
      return { lines: [], failure: wrongUsage(USAGE) };
    }
    if (this.#options.leading() === undefined) {
      const words = `this node does not lead; ${this.#options.describeLeader()}`;
      return { lines: [], failure: refusedFailure(words) };
    }
    return { lines: ["the node steps down; clients stay connected"], next: "hand_over" };
  }

  async #writeSnapshot(folder: string, { user }: Issuer): Promise<CommandAnswer> {
    if (user !== undefined) {
      const words =
        "a snapshot is written by chatterbox admin on the machine of a node, not by operators on IRC";
      return { lines: [], failure: refusedFailure(words) };
    }
    if (!folder.startsWith("/")) {
      return { lines: [], failure: wrongUsage("usage: cluster snapshot FOLDER, which begins with /") };
    }
    return await this.#options.snapshot(folder.replace(/\/+$/, ""));
  }

  handOver(): void {
    this.#options.handOver();
  }

  async stop(): Promise<CommandAnswer> {
    return await this.#options.stop();
  }
}
