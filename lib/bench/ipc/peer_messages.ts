/** What the run and its writer and reader tell each other, as JSON between processes and as messages between threads. */
import type { StepFigures } from "./step_checker.ts";
import type { IpcWay } from "./ways.ts";

/** What a writer or reader is started with. */
export interface PeerSetup {
  readonly role: "writer" | "reader";
  readonly carrier: IpcWay["carrier"];
  /** Folder for the socket. */
  readonly folder: string;
  /** Name of the shared-memory segment. */
  readonly segment: string;
  /** TCP port of the reader, for the writer. */
  readonly port?: number;
  /** Shared memory, between threads. */
  readonly buffer?: SharedArrayBuffer;
}

/** For the writer: send records of one size. */
export interface IpcStep {
  readonly sizeBytes: number;
  /** Records of a batch. */
  readonly batch: number;
  /** Ends after this time or number of records, what comes first. */
  readonly maxMs: number;
  readonly maxRecords: number;
  /** Pause before each batch; 0: as fast as the reader takes them. */
  readonly pauseMs: number;
}

export type ToPeer =
  | { readonly kind: "step"; readonly step: IpcStep }
  /** Report as {@link PeerEnd}, and end. */
  | { readonly kind: "stop" };

/** What the writer says of a step. */
export interface SentFigures {
  readonly sent: number;
  readonly cpuS: number;
  readonly rssBytes: number;
}

/** What one side saw when the other one was gone, or until it was told to stop. */
export interface PeerEnd {
  /** Undefined: nothing. */
  readonly saw: string | undefined;
  /** When, by `preciseNow`. */
  readonly atMs: number;
  /** Records sent or received since the last step that was whole. */
  readonly records: number;
  readonly damaged: number;
  readonly partialBytes: number;
}

export type FromPeer =
  | { readonly kind: "ready"; readonly port?: number }
  | { readonly kind: "sent"; readonly figures: SentFigures }
  | { readonly kind: "received"; readonly figures: StepFigures }
  | { readonly kind: "ended"; readonly end: PeerEnd }
  | { readonly kind: "failed"; readonly why: string };

/** The side of a writer or reader. */
export interface PeerPort {
  readonly messages: AsyncIterable<ToPeer>;
  send(message: FromPeer): void;
}
