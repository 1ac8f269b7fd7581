/** Tests of the command run what is built: it must be today's source. */
import { bundle } from '../scripts/build.js'

export default async function setup(): Promise<void> {
  await bundle()
}
