// Counts SMS segments by sms-segments-calculator: reads a JSON array of texts, writes an array of [encoding, segments].
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
const { SegmentedMessage } = createRequire(import.meta.url)("sms-segments-calculator");
const texts = JSON.parse(readFileSync(0, "utf8"));
console.log(JSON.stringify(texts.map((text) => {
  const m = new SegmentedMessage(text);
  return [m.encodingName === "GSM-7" ? "gsm7" : "ucs2", m.segments.length];
})));
