// The plain pass of peer.mjs as a program of its own, as somebody would call it from a shell.
// usage: node peer-plain.mjs FOLDER_WITH_NODE_MODULES IN OUT THREADS
import { createRequire } from 'node:module';

const [folder, from, to, threads] = process.argv.slice(2);
const sharp = createRequire(`${folder}/`)('sharp');
sharp.concurrency(Number(threads));
await sharp(from)
  .autoOrient()
  .resize({ width: 1600, height: 1600, fit: 'inside', withoutEnlargement: true })
  .jpeg({ quality: 80 })
  .toFile(to);
