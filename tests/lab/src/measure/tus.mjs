// node tus.mjs MODULES URL FILE: sends FILE to an upload that exists already.
import { createRequire } from 'node:module'
import { readFileSync } from 'node:fs'

const [modules, uploadUrl, file] = process.argv.slice(2)
const tus = createRequire(`${modules}/`)('tus-js-client')
const upload = new tus.Upload(readFileSync(file), {
  uploadUrl,
  retryDelays: [0, 1000, 3000, 5000, 10000, 20000, 20000, 20000],
  onError: (error) => {
    console.error(error.message)
    process.exit(1)
  },
  onSuccess: () => process.exit(0),
})
upload.start()
