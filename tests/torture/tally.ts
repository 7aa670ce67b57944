/** What a torture has counted, and what it has found. */

/** More faults than that are not kept: they come from one cause. */
const MAX_FAULTS = 20;

export class Tally {
  rounds = 0;
  /** How servers ended, by {@link End.kind}. */
  readonly ends = new Map<string, number>();
  /** Connections that were cut while their server went on. */
  cuts = 0;
  resized = 0;
  said = 0;
  /** Said again under the same id. */
  retried = 0;
  acknowledged = 0;
  durable = 0;
  overwritten = 0;
  /** Acknowledged, and lost as it may be: within the interval of a sync before a kill. */
  lost = 0;
  lostWrongly = 0;
  doubled = 0;
  /** Messages that a follower showed, across all of it. */
  followed = 0;
  /** Most messages in an archive. */
  archived = 0;
  /** Overwritten before they were archived, which the archive tells. */
  unarchived = 0;
  /** Answers that were lost with a hub, which fronts tell. */
  unanswered = 0;
  readonly faults: string[] = [];

  fault(text: string): void {
    if (this.faults.length < MAX_FAULTS) this.faults.push(text);
  }

  table(): string {
    const rows: [string, string | number][] = [
      ["rounds", this.rounds],
      ["ends", [...this.ends].map(([kind, count]) => `${count} ${kind}`).join(", ")],
      ["buffers changed", this.resized],
      ["connections cut", this.cuts],
      ["said", this.said],
      ["said again", this.retried],
      ["acknowledged", this.acknowledged],
      ["  as durable", this.durable],
      ["overwritten", this.overwritten],
      ["lost, as allowed", this.lost],
      ["lost, not allowed", this.lostWrongly],
      ["doubled", this.doubled],
      ["followed", this.followed],
      ["archived at most", this.archived],
      ["not archived, told", this.unarchived],
      ["not answered, told", this.unanswered],
      ["faults", this.faults.length < MAX_FAULTS ? this.faults.length : `${MAX_FAULTS} or more`],
    ];
    return rows.map(([name, value]) => `${name.padEnd(20)}${value}\n`).join("");
  }
}
