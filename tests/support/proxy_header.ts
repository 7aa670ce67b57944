/** PROXY headers of version 2, right or wrong. */
import { encodeUtf8 } from "../../lib/base/bytes.ts";

/** `command`: the byte with the version; `family`: the byte with the transport; `rest`: addresses, ports and TLVs. */
export function binaryHeader(
  command: number,
  family: number,
  rest: readonly number[],
): Uint8Array<ArrayBuffer> {
  const signature = [13, 10, 13, 10, 0, 13, 10, ...encodeUtf8("QUIT\n")];
  return new Uint8Array([...signature, command, family, rest.length >> 8, rest.length & 255, ...rest]);
}

/** PP2_TYPE_SSL with these flags of the client's, and the version of TLS in it. */
export function sslTlv(client: number): number[] {
  const version = [0x21, 0, 7, ...encodeUtf8("TLSv1.3")];
  return [0x20, 0, 5 + version.length, client, 0, 0, 0, 0, ...version];
}
