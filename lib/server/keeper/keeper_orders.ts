/** What a hub does for its keeper. */
import type { ProcessControl } from "../console/console_runner.ts";
import type { KeeperOrder } from "./keeper_protocol.ts";

/** Is told of the processes of fronts. */
export interface FrontWatcher {
  handleStarted(index: number, pid: number): void;
  handleEnded(index: number, pid: number, how: string): unknown;
}

export function obeyKeeper(order: KeeperOrder, control: ProcessControl, fronts: FrontWatcher): void {
  switch (order.kind) {
    case "stop":
      return void control.stop();
    case "reload":
      return void control.reload();
    case "hand_over":
      return control.handOver?.();
    case "front_started":
      return fronts.handleStarted(order.index, order.pid);
    case "front_ended":
      return void fronts.handleEnded(order.index, order.pid, order.how);
  }
}
