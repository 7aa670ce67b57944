/** The store holds what this program cannot read, or what cannot be: a node does not go on with it. */
export class ClusterFault extends Error {
  override readonly name = "ClusterFault";

  /** `why`: a clause about the value of `key`. */
  constructor(readonly key: string, readonly why: string) {
    super(`${key} in etcd cannot be used: ${why}`);
  }
}
