/**
 * Port through which a web listener answers ordinary HTTP requests: those that do not ask for WebSocket. What answers
 * them is above this layer.
 */

/** Where a request comes from. */
export interface RequestOrigin {
  /** Address of the client: that of the socket, or the one that a trusted proxy names. */
  readonly host: string;
  /** The client uses TLS. */
  readonly isSecure: boolean;
  /** Aborted when the client is gone, when the response cannot be sent, and when the server stops. */
  readonly signal: AbortSignal;
  /** Charges the client for a response of so many bytes, where it is larger than most. */
  charge(bytes: number): void;
}

/**
 * Answers a request. The body of the request is read from the connection as the handler reads it, and fails beyond
 * its bound. The body of the response is read as fast as the client takes it, and each chunk is sent at once.
 */
export type HttpHandler = (request: Request, from: RequestOrigin) => Promise<Response>;
