/**
 * A server that starts after one that died before a sync goes on this much further: the dead one may have shown others
 * any number of records that are lost now, and a number must never name two records. A file of its own, because clients
 * recognise a restart by it and need nothing else of the log.
 */
export const SEQ_JUMP = 2 ** 32;
