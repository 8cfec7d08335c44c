// Sends a file with the client of the makers of tus: `node tus.mjs <settings as JSON>`. Where `stop` is given it ends
// as a program that is killed does, once so many bytes have been taken; run again with the same `memory` it goes on.
// What it did is told on the standard output as JSON.

import { createReadStream } from "node:fs";
import { FileUrlStorage, Upload } from "tus-js-client";

const { endpoint, token, path, size, id, name, memory, stop, piece } = JSON.parse(process.argv[2]);
const sent = [];

const upload = new Upload(createReadStream(path), {
  endpoint,
  headers: { Authorization: `Bearer ${token}` },
  metadata: { id, filename: name },
  uploadSize: size,
  chunkSize: piece,
  retryDelays: [],
  urlStorage: new FileUrlStorage(memory),
  onBeforeRequest: request => void sent.push([request.getMethod(), request.getHeader("Upload-Offset") ?? null]),
  onChunkComplete(_, taken) {
    if (stop && taken >= stop) process.exit(3);
  },
  onError(error) {
    process.stdout.write(JSON.stringify({ error: String(error), status: error.originalResponse?.getStatus() ?? null }));
  },
  onSuccess: () => process.stdout.write(JSON.stringify({ url: upload.url, sent })),
});
const [before] = await upload.findPreviousUploads();
if (before) upload.resumeFromPreviousUpload(before);
upload.start();
