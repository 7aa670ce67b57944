/** Questions that a connection attempt asks a person at a terminal. Commands in scripts, and the page, have none. */

export type QuestionAnswer =
  | { readonly kind: "answer"; readonly text: string }
  /** No answer: the attempt fails as it would without a question. */
  | { readonly kind: "declined" }
  /** Ctrl-C, or the terminal was closed. `code`: the exit code to end with. */
  | { readonly kind: "interrupted"; readonly code: number };

/** A certificate that no authority vouches for, of a server that is not known on this machine. */
export interface UnknownCertificate {
  /** The server, as `formatAddress` shows it. */
  readonly where: string;
  /** `SHA256:AB:CD:…` */
  readonly fingerprint: string;
  /** Why it cannot be verified, as a short clause. */
  readonly problem: string;
}

export interface ConnectQuestions {
  /** The server's password as it was typed last; undefined: it was not asked for. */
  readonly password: string | undefined;
  /** Milliseconds that were spent with questions: they do not count for a timeout. */
  readonly waitedMs: number;
  /** The password of the server at `where`. `isWrong`: the one that was sent is not accepted. */
  askPassword(where: string, isWrong: boolean): Promise<QuestionAnswer>;
  /** "yes": the certificate is to be accepted, now and from now on. */
  askTrust(certificate: UnknownCertificate): Promise<QuestionAnswer>;
  /** There is a connection: nothing is asked from now on. */
  close(): void;
}
