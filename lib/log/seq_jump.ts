/**
 * Number added to the next sequence number when a server starts after an unclean shutdown. The earlier server may
 * have shown any number of records that are now lost, and a sequence number must never name two records. One that
 * shows only what a sync has covered has not (store/ring_file/ring_file.ts). In its own file because clients recognise
 * a restart by it and need nothing else of the log.
 */
export const SEQ_JUMP = 2 ** 32;
