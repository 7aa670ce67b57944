/** Which messages of a timeline a CHATHISTORY request means: pure arithmetic on positions (draft/chathistory). */
import type { Positions } from "./timeline.ts";

/** A place between messages: those before it, and whether the message it names counts (AROUND wants it). */
export type Anchor = { by: "seq"; seq: number } | { by: "time"; time: number };

/** A half-open range of positions in a timeline. */
export interface Selection {
  from: number;
  to: number;
  /** Which ones stay where not all fit the answer: those beside the anchor, so that the next request goes on without a gap. */
  keep: "oldest" | "newest";
  /** Nothing that was asked for lies beyond what the limit has left. */
  isWhole: boolean;
}

/** The positions that an anchor divides a timeline at: `before` messages precede it, `through` precede it or are it. */
export interface Cut {
  before: number;
  through: number;
}

export function cutAt(timeline: Positions, anchor: Anchor, timeOf: (seq: number) => number): Cut {
  if (anchor.by === "seq") {
    return {
      before: timeline.partition((seq) => seq < anchor.seq),
      through: timeline.partition((seq) => seq <= anchor.seq),
    };
  }
  return {
    before: timeline.partition((seq) => timeOf(seq) < anchor.time),
    through: timeline.partition((seq) => timeOf(seq) <= anchor.time),
  };
}

/** The newest `limit` messages before the anchor. */
export function before(cut: Cut, limit: number): Selection {
  const from = Math.max(0, cut.before - limit);
  return { from, to: cut.before, keep: "newest", isWhole: from === 0 };
}

/** The oldest `limit` messages after the anchor. */
export function after(cut: Cut, limit: number, length: number): Selection {
  const to = Math.min(length, cut.through + limit);
  return { from: cut.through, to, keep: "oldest", isWhole: to === length };
}

/** The newest `limit` messages, of those after the anchor where there is one. */
export function latest(cut: Cut | undefined, limit: number, length: number): Selection {
  const first = cut?.through ?? 0;
  const from = Math.max(first, length - limit);
  return { from, to: length, keep: "newest", isWhole: from === first };
}

/** `limit` messages with the anchor in their middle; an end of the timeline gives its share to the other side. */
export function around(cut: Cut, limit: number, length: number): Selection {
  const from = Math.max(0, Math.min(cut.before - Math.floor(limit / 2), length - limit));
  return { from, to: Math.min(length, from + limit), keep: "newest", isWhole: length <= limit };
}

/** Between two anchors, neither included, `limit` of them counted from the first one's side. */
export function between(first: Cut, second: Cut, limit: number): Selection {
  if (first.before <= second.before) {
    const to = Math.min(second.before, first.through + limit);
    const isWhole = to === second.before;
    return { from: first.through, to: Math.max(first.through, to), keep: "oldest", isWhole };
  }
  const from = Math.max(second.through, first.before - limit);
  const isWhole = from === second.through;
  return { from, to: Math.max(from, first.before), keep: "newest", isWhole };
}
