/** The proofs of a relay between machines: what holds, and what does not. */
import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import {
  checkProof,
  decodeAccepted,
  decodeChallenge,
  decodeProof,
  encodeAccepted,
  encodeChallenge,
  encodeProof,
  makeNonce,
  makeProof,
  MAX_PROOF_FRAME_BYTES,
  type ProofSubject,
} from "../../lib/relay/relay_proof.ts";
import { RelayFault } from "../../lib/relay/wire.ts";
import { pureTest } from "../support/test.ts";

const SUBJECT: ProofSubject = {
  secret: new Uint8Array(32).fill(1),
  certificate: new Uint8Array(32).fill(2),
  hubNonce: new Uint8Array(32).fill(3),
  frontNonce: new Uint8Array(32).fill(4),
};

pureTest("relay proof: it holds for its side, secret, certificate and nonces alone", async () => {
  const proof = await makeProof("front", SUBJECT);
  await checkProof("front", proof, SUBJECT);
  const wrong = (subject: ProofSubject, side: "front" | "hub" = "front") =>
    assertRejects(() => checkProof(side, proof, subject), RelayFault, "does not know the secret");
  await wrong(SUBJECT, "hub");
  for (const part of ["secret", "certificate", "hubNonce", "frontNonce"] as const) {
    await wrong({ ...SUBJECT, [part]: SUBJECT[part].map((byte, i) => i === 31 ? byte ^ 1 : byte) });
  }
  await wrong({ ...SUBJECT, hubNonce: SUBJECT.frontNonce, frontNonce: SUBJECT.hubNonce });
});

pureTest("relay proof: a proof that is too short, too long or empty is wrong", async () => {
  const proof = await makeProof("hub", SUBJECT);
  for (const given of [proof.subarray(1), new Uint8Array([...proof, 0]), new Uint8Array(0)]) {
    await assertRejects(() => checkProof("hub", given, SUBJECT), RelayFault);
  }
});

pureTest("relay proof: a short secret is refused, and nonces differ", async () => {
  await assertRejects(() => makeProof("hub", { ...SUBJECT, secret: new Uint8Array(31) }), RangeError);
  assertEquals(new Set(Array.from({ length: 100 }, () => makeNonce().toHex())).size, 100);
});

pureTest("relay proof: each frame is read as it was written, within the bound", async () => {
  const mac = await makeProof("front", SUBJECT);
  const content = (frame: Uint8Array) => {
    assertEquals(frame.length <= MAX_PROOF_FRAME_BYTES, true);
    return frame.subarray(4);
  };
  assertEquals(decodeChallenge(content(encodeChallenge(SUBJECT.hubNonce))), SUBJECT.hubNonce);
  const proof = decodeProof(content(encodeProof(SUBJECT.frontNonce, mac)));
  assertEquals(proof, { frontNonce: SUBJECT.frontNonce, mac });
  assertEquals(decodeAccepted(content(encodeAccepted(mac))), mac);
});

pureTest("relay proof: another frame, another version or another length is refused", () => {
  const challenge = encodeChallenge(SUBJECT.hubNonce).subarray(4);
  const changed = (at: number) => challenge.map((byte, i) => i === at ? byte ^ 1 : byte);
  assertThrows(() => decodeProof(challenge), RelayFault, "no front");
  assertThrows(() => decodeAccepted(challenge), RelayFault, "did not accept");
  assertThrows(() => decodeChallenge(changed(1)), RelayFault, "no hub");
  assertThrows(() => decodeChallenge(changed(6)), RelayFault, "version 0");
  assertThrows(() => decodeChallenge(challenge.subarray(0, 30)), RelayFault, "too early");
  assertThrows(() => decodeChallenge(new Uint8Array([...challenge, 0])), RelayFault, "too many");
});
