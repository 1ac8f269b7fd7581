/** Checksums of the files of a store: SHA-256, over whole files or their first bytes. */
import { createHash } from 'node:crypto'
import { createReadStream, statSync } from 'node:fs'
import { pipeline } from 'node:stream/promises'

export interface Sum {
  readonly bytes: number
  readonly sha256: string
}

/** The checksum of a file as it lies on the disk. */
export async function sumOf(path: string): Promise<Sum> {
  const hash = createHash('sha256')
  let bytes = 0
  await pipeline(createReadStream(path, { highWaterMark: 1 << 20 }), async (chunks) => {
    for await (const chunk of chunks as AsyncIterable<Buffer>) {
      hash.update(chunk)
      bytes += chunk.length
    }
  })
  return { bytes, sha256: hash.digest('hex') }
}

/** Whether a file has this checksum. */
export async function hasSum(path: string, sum: Sum | undefined): Promise<boolean> {
  if (sum === undefined) return false
  try {
    if (statSync(path).size !== sum.bytes) return false
    return (await sumOf(path)).sha256 === sum.sha256
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false
    throw error
  }
}

export const textSum = (text: string | Uint8Array): string => createHash('sha256').update(text).digest('hex')
