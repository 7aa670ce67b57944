/** A short tone, without a file. */

const TONE_SECONDS = 0.25;
const FREQUENCIES = [660, 880];

let context: AudioContext | undefined;

/** Plays it now, or not at all: a browser gives no sound to a page that the person has never touched. */
export async function playTone(): Promise<void> {
  context ??= new AudioContext();
  const isLate = new Promise((resolve) => setTimeout(resolve, 1000));
  await Promise.race([context.resume(), isLate]);
  if (context.state !== "running") return;
  const gain = context.createGain();
  const end = context.currentTime + FREQUENCIES.length * TONE_SECONDS / 2 + TONE_SECONDS;
  gain.gain.setValueAtTime(0.08, context.currentTime);
  gain.gain.exponentialRampToValueAtTime(0.0001, end);
  gain.connect(context.destination);
  for (const [nth, frequency] of FREQUENCIES.entries()) {
    const oscillator = new OscillatorNode(context, { frequency });
    oscillator.connect(gain);
    oscillator.start(context.currentTime + nth * TONE_SECONDS / 2);
    oscillator.stop(end);
  }
}
