/** Records for a ring with a data area filled from a file, in order, with offsets ascending around the ring. */
export interface RingContents {
  readonly count: number;
  readonly seqs: Float64Array;
  readonly offsets: Uint32Array;
  /** Offset of the next record. */
  readonly head: number;
  readonly nextSeq: number;
}
