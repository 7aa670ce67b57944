/** What is sent to a notify URL (`notify_url.ts`): one ring of a page, the end of a page, or a test. */

export interface PageNotification {
  /** Number of the page; 0 in a test. */
  readonly page: number;
  /** Escalation list; empty in a test. */
  readonly list: string;
  /** One line. */
  readonly text: string;
  /** Nick of the pager; in a test, of the person who tests. */
  readonly from: string;
  /** Rings of the page so far, this one included. */
  readonly ring: number;
  /** Milliseconds since the epoch. */
  readonly time: number;
  readonly state: "ringing" | "acknowledged" | "withdrawn" | "expired" | "test";
  /** Nick that acknowledged or withdrew the page. */
  readonly by?: string;
}
