/** What a calendar of duties has been read to say, for a time: plain data. */

/** The people on duty, by name. */
export interface Duty {
  readonly names: readonly string[];
  /** When that changes, in milliseconds since the epoch; undefined: never, or not soon. */
  readonly until: number | undefined;
}

export interface DutyOutlook {
  /** Events in the file. */
  readonly events: number;
  /** Its first and last duty, in words. */
  readonly words: string;
  /** The names of all duties, each once. */
  readonly names: readonly string[];
  /** The duties one after another, each with its start, the earliest first: from the time of the reading on. */
  readonly duties: readonly (Duty & { readonly from: number })[];
  /** The duties are known for times before this. */
  readonly before: number;
}

export type CalendarReading =
  | { readonly kind: "read"; readonly outlook: DutyOutlook }
  /** The file is no calendar of duties, or takes too long: why. */
  | { readonly kind: "invalid"; readonly why: string }
  /** It could not be read now. */
  | { readonly kind: "unread"; readonly why: string };
