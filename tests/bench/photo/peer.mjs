// What sharp makes of a photo: jobs as JSON lines on standard input, an answer a line.
// usage: node peer.mjs FOLDER_WITH_NODE_MODULES < jobs
import { createRequire } from 'node:module';
import { writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

const sharp = createRequire(`${process.argv[2]}/`)('sharp');
// Each run reads the file anew, as an app would.
sharp.cache(false);

const small = (path) =>
  sharp(path).autoOrient().resize({ width: 1600, height: 1600, fit: 'inside', withoutEnlargement: true });

// Decoded and resized once, then the highest quality of 1 to 100 that fits, by halving.
async function budget({ path, limit, mozjpeg }) {
  const { data, info } = await small(path).raw().toBuffer({ resolveWithObject: true });
  const raw = { width: info.width, height: info.height, channels: info.channels };
  let [low, high, best, quality, encodes] = [1, 100, null, 0, 0];
  while (low <= high) {
    const middle = (low + high) >> 1;
    const out = await sharp(data, { raw }).jpeg({ quality: middle, mozjpeg }).toBuffer();
    encodes += 1;
    if (out.length <= limit) [best, quality, low] = [out, middle, middle + 1];
    else high = middle - 1;
  }
  return { bytes: best, quality, encodes };
}

async function plain({ path }) {
  return { bytes: await small(path).jpeg({ quality: 80 }).toBuffer(), quality: 80, encodes: 1 };
}

const kinds = { budget, plain };
for await (const line of createInterface({ input: process.stdin })) {
  const job = JSON.parse(line);
  // 0 is sharp's own choice: as many threads as there are cores.
  sharp.concurrency(job.threads ?? 0);
  const times = [];
  let cpu = 0;
  let made;
  // The first is the warm-up.
  for (let run = 0; run <= job.runs; run += 1) {
    const start = performance.now();
    const before = process.cpuUsage();
    made = await kinds[job.kind](job);
    if (run > 0 || job.runs === 0) times.push(performance.now() - start);
    // Of all threads.
    const { user, system } = process.cpuUsage(before);
    cpu = (user + system) / 1000;
  }
  if (made.bytes) writeFileSync(job.out, made.bytes);
  const size = made.bytes ? made.bytes.length : 0;
  console.log(JSON.stringify({ times, cpu, quality: made.quality, encodes: made.encodes, size }));
}
