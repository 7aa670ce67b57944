/** Counts the responses of the web application by their status. */
import { labelled } from "./metrics_text.ts";
import type { Metric } from "./metrics_text.ts";

export class ResponseCounts {
  /** Statuses are few: those that the routes use. */
  readonly #counts = new Map<number, number>();

  count(status: number): void {
    this.#counts.set(status, (this.#counts.get(status) ?? 0) + 1);
  }

  get metric(): Metric {
    return labelled(
      "counter",
      "chatterbox_http_responses_total",
      "HTTP responses of the web application, by status.",
      "code",
      this.#counts.entries().map(([status, count]) => [String(status), count] as const),
    );
  }
}
