/** What passes through the turns of the hub, counted once for each turn. */
import { Histogram } from "./histogram.ts";

/** Largest values of the buckets, in seconds: from far below the budget of a turn to what people notice. */
const LATENCY_BOUNDS = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1];

export class TrafficStats {
  /** Lines of clients that were handled. */
  lines = 0;
  /** Outputs of a turn to one connection each. */
  deliveries = 0;
  /** Time that a turn took, in seconds. */
  readonly turns = new Histogram(LATENCY_BOUNDS);
  /** Time from the first work of a turn until its output was with the connections, in seconds. */
  readonly delivery = new Histogram(LATENCY_BOUNDS);

  /** A turn of `ms` milliseconds has handled `lines`. */
  countTurn(ms: number, lines: number): void {
    this.lines += lines;
    this.turns.record(ms / 1000);
  }

  /** The output of a turn is with `deliveries` connections, `ms` milliseconds after the turn was requested. */
  countDeliveries(deliveries: number, ms: number): void {
    if (deliveries === 0) return;
    this.deliveries += deliveries;
    this.delivery.record(ms / 1000);
  }
}
